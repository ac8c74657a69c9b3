/* The processor's cache. */
#ifndef TL_BASE_CACHE_H
#define TL_BASE_CACHE_H

/* Bytes of a line: memory starts on one, and what two threads write stands on two. */
#define TL_LINE_BYTES 64

#endif
