-- every: 5 minutes
-- description: The last 24 hours, hour by hour.
SELECT
  date_trunc('HOUR', scheduled_at) AS hour,
  count(*) AS flights,
  sum(delay_minutes) AS delay_minutes,
  avg(delay_minutes) AS avg_delay,
  max(delay_minutes) AS worst_delay
FROM silver.flights
WHERE scheduled_at >= :as_of - INTERVAL 24 HOURS AND scheduled_at < :as_of
GROUP BY date_trunc('HOUR', scheduled_at)
