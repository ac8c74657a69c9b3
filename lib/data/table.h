/* Reading a table, step by step: its beginning (table_start.c with table_roles.c, table_match.c), its rows (table_rows.c), and the data set that
 * they make (table_finish.c). */
#ifndef TL_DATA_TABLE_H
#define TL_DATA_TABLE_H

#include "data/cells.h"
#include "data/records.h"
#include "data/table_columns.h"
#include "data/table_options.h"

typedef struct tl_table {
    talus_context *context;
    talus_table_options options;
    tl_file file;
    tl_records records;
    talus_columns *columns;
    bool infers;          /* the columns are found out from this table */
    bool has_header;      /* the first line is one */
    int64_t fields;       /* of a row */
    tl_column **of_field; /* the column of each; NULL for those that are passed over */
    int64_t
        turned; /* columns that turned out to hold text: their kind is right now, and their cells are not */
    tl_cells
        cells; /* of each row the numbers of the fields that have columns: of categories, theirs. NaN: missing */
} tl_table;

#define TL_UNKNOWN_CATEGORY (-1.0) /* a cell */

/* Whether no value is in a field. */
bool tl_is_missing(const tl_field *field);

/* Opens a file, finds what parts its fields and whether it has a header, which is the record that was read last then; else
 * the first record is, and comes again. */
talus_status tl_table_open(tl_table *table, const char *path);

/* Makes the columns: names, roles from the options, kinds from the first rows. */
talus_status tl_table_start(tl_table *table);

/* Gives the columns the roles and kinds that the options ask for. */
talus_status tl_table_find_roles(tl_table *table);

/* Whether a column may hold text: all inputs may, and the only target, unless it is that of a regression. */
bool tl_table_may_hold_text(const tl_table *table, const tl_column *column);

/* Finds the columns of another table in this one. */
talus_status tl_table_match(tl_table *table);

/* Memory for table->of_field, of table->fields. */
talus_status tl_table_make_fields(tl_table *table);

/* Reads all rows into table->cells, unless columns have turned. */
talus_status tl_table_read_rows(tl_table *table);

/* Makes the data set. */
talus_status tl_table_finish(tl_table *table, talus_dataset **dataset);

/* Refuses a field of the record that was read last: "file": line 17, column 3 ("age"): … */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
talus_status
tl_table_refuse(const tl_table *table, talus_status status, int64_t field, const char *format, ...);

/* A column in messages: column 3 ("age") */
#define TL_COLUMN_TEXT_BYTES 96
void tl_table_column_says(const talus_columns *columns, int64_t index, char text[TL_COLUMN_TEXT_BYTES]);

#endif
