#ifndef TL_BASE_CLOCK_H
#define TL_BASE_CLOCK_H

/* Seconds since some moment, on a clock that only goes forward. */
double tl_now(void);

#endif
