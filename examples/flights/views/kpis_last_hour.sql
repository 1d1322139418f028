-- every: 1 minute
-- description: Key figures of the hour behind the refresh.
SELECT
  :as_of AS as_of,
  count(*) AS flights,
  count(*) FILTER (WHERE delay_minutes > 15) AS late_flights,
  avg(delay_minutes) AS avg_delay,
  max(delay_minutes) AS worst_delay,
  sum(distance_miles) AS distance_miles
FROM silver.flights
WHERE scheduled_at >= :as_of - INTERVAL 1 HOUR AND scheduled_at < :as_of
