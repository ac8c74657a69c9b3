/* What the library exports, and its version. */
#ifndef TALUS_EXPORT_H
#define TALUS_EXPORT_H

#define TALUS_VERSION_MAJOR 0
#define TALUS_VERSION_MINOR 1
#define TALUS_VERSION_PATCH 0

#if defined(__GNUC__)
#define TALUS_API __attribute__((visibility("default")))
#else
#define TALUS_API
#endif

#ifdef __cplusplus
#define TALUS_BEGIN_C extern "C" {
#define TALUS_END_C   }
#else
#define TALUS_BEGIN_C
#define TALUS_END_C
#endif

#endif
