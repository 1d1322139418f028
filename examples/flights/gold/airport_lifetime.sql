-- every: day
-- description: All departures of each airport since the beginning.
SELECT
  origin AS airport,
  min(event_date) AS first_day,
  max(event_date) AS last_day,
  sum(flights) AS flights,
  sum(delay_minutes) AS delay_minutes,
  max(worst_delay) AS worst_delay
FROM gold.route_day
GROUP BY origin
