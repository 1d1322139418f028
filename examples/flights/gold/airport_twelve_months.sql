-- every: day
-- description: Departures of each airport in the twelve months up to the last day that has ended.
SELECT
  origin AS airport,
  :as_of AS last_day,
  sum(flights) AS flights,
  sum(delay_minutes) AS delay_minutes
FROM gold.route_day
WHERE event_date > add_months(:as_of, -12) AND event_date <= :as_of
GROUP BY origin
