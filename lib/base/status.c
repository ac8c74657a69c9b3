#include <talus/status.h>

#define STATUS_NAME(name, text) #name,
static const char *const names[] = {TALUS_STATUS_LIST(STATUS_NAME)};

#define STATUS_TEXT(name, text) text,
static const char *const texts[] = {TALUS_STATUS_LIST(STATUS_TEXT)};

const char *talus_status_name(int status)
{
    return status >= 0 && status < TALUS_STATUS_COUNT ? names[status] : "unknown status";
}

const char *talus_status_text(int status)
{
    return status >= 0 && status < TALUS_STATUS_COUNT ? texts[status] : "unknown status";
}
