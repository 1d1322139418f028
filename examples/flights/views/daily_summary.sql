-- every: 15 minutes
-- description: The last 30 days by airport of departure.
SELECT
  event_date,
  origin AS airport,
  count(*) AS flights,
  avg(delay_minutes) AS avg_delay,
  max(delay_minutes) AS worst_delay
FROM silver.flights
WHERE event_date > date_sub(:as_of, 30) AND event_date <= to_date(:as_of)
GROUP BY event_date, origin
