#include <talus/status.h>

#include "base/names.h"

#define STATUS_NAME(name, value, text) [value] = #name,
static const char *const names[TALUS_STATUS_COUNT] = {TALUS_STATUS_LIST(STATUS_NAME)};

#define STATUS_TEXT(name, value, text) [value] = text,
static const char *const texts[TALUS_STATUS_COUNT] = {TALUS_STATUS_LIST(STATUS_TEXT)};

static const char *name_of(int status)
{
    return names[status];
}

const tl_names tl_status_names = {TALUS_ENUMERATION_STATUS, TALUS_STATUS_COUNT, name_of};

const char *talus_status_name(int status)
{
    return status >= 0 && status < TALUS_STATUS_COUNT ? names[status] : "unknown status";
}

const char *talus_status_text(int status)
{
    return status >= 0 && status < TALUS_STATUS_COUNT ? texts[status] : "unknown status";
}
