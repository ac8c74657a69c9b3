/* How a table is read. */
#ifndef TL_DATA_TABLE_OPTIONS_H
#define TL_DATA_TABLE_OPTIONS_H

#include <talus/table.h>

#include "base/context.h"
#include "base/options.h"

extern const tl_names tl_separator_names, tl_header_names, tl_table_task_names, tl_missing_names,
    tl_role_names, tl_column_kind_names;
extern const tl_options tl_table_options;

/* Takes the caller's options and checks them; as: of a table that is read as another. */
talus_status tl_table_take(talus_context *context, talus_table_options *options,
                           const talus_table_options *from, size_t size, bool as);

#endif
