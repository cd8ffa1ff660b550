"""What stands in for BigQuery's engine: tables as Parquet files, queries by DuckDB after translation of the dialect."""
