-- Rows of the source up to a cut-off; what arrives later belongs to the next run. E-mail addresses stay where they are.
SELECT
  customer_id,
  month,
  tenure_months,
  monthly_charges,
  support_calls,
  country,
  churned
FROM `{project}.{dataset}.contracts`
WHERE month < @until
ORDER BY customer_id, month
