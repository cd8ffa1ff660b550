SELECT *
FROM `{project}.{dataset}.cells`
WHERE taken < @until
ORDER BY sample
