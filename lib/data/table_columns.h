/* What the columns of a table are. */
#ifndef TL_DATA_TABLE_COLUMNS_H
#define TL_DATA_TABLE_COLUMNS_H

#include <talus/table.h>

#include "data/categories.h"

typedef struct tl_column {
    int64_t name;             /* its number among the names; −1 for none */
    int role, kind;           /* a talus_role, a talus_column_kind */
    bool numbers;             /* the categories are numbers, each as its shortest text */
    tl_categories categories; /* of an input or a target */
    double mean;              /* of an input's numbers */
    double *shares;           /* of an input's categories among the rows */
    int64_t first, width;     /* of the inputs or targets that it fills */
    int64_t text_line;        /* while a table is read: the first line with text in it; 0 for none */
} tl_column;

struct talus_columns {
    talus_context *context;
    int64_t count;
    tl_column *columns;
    tl_categories names;
    int64_t *named;          /* the column that has a name, by its number */
    bool header;             /* the table had one */
    int task;                /* a talus_table_task */
    char reason[512];        /* for it */
    int64_t inputs, targets; /* columns of the data set */
    int64_t class_column;    /* −1: targets are no labels */
};

/* count columns, all of them inputs and numbers. TALUS_ERROR_MEMORY. */
talus_status tl_table_columns_create(talus_context *context, int64_t count, talus_columns **columns);

/* Names a column; two cannot have the same, and the text has no 0 in it. TALUS_ERROR_MEMORY. */
talus_status tl_table_column_name(talus_columns *columns, int64_t index, const char *name, size_t length);

/* The column of a name; −1 for none. */
int64_t tl_table_column_find(const talus_columns *columns, const char *name, size_t length);

/* The name of a column; "" for none. */
const char *tl_table_column_text(const talus_columns *columns, const tl_column *column);

/* Finds what each column fills, from roles, kinds and categories. */
void tl_table_columns_place(talus_columns *columns);

#endif
