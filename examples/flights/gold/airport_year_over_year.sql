-- every: day
-- description: Departures of each airport by month, beside those of the same month a year before.
-- partition_by: year
WITH months AS (
  SELECT
    origin AS airport,
    year(event_date) AS year,
    month(event_date) AS month,
    sum(flights) AS flights
  FROM gold.route_day
  GROUP BY ALL
)
SELECT
  this.year,
  this.month,
  this.airport,
  this.flights,
  last.flights AS flights_a_year_before
FROM months AS this
LEFT JOIN months AS last
  ON last.airport = this.airport AND last.month = this.month AND last.year = this.year - 1
