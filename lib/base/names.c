#include "base/names.h"

#include <stddef.h>
#include <string.h>

const char *tl_name(const tl_names *names, int value)
{
    const char *name = value >= 0 && value < names->end ? names->of(value) : NULL;
    return name == NULL ? "unknown" : name;
}

int tl_value(const tl_names *names, const char *name)
{
    for (int value = 0; name != NULL && value < names->end; value++)
        if (names->of(value) != NULL && strcmp(names->of(value), name) == 0)
            return value;
    return -1;
}
