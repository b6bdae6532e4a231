export const hourMs = 3600_000;
/** On the clock, not on a calendar: zones with summer time have days of 23 and 25 hours. */
export const dayMs = 24 * hourMs;
