/* `talus data describe`: what the columns of a table are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "data.h"
#include "format.h"

static const char *role_name(int role)
{
    static const char *const names[] = {"input", "target", "weight", "ignored"};
    return names[role];
}

static void describe(const talus_columns *columns)
{
    for (int64_t i = 0; i < talus_columns_count(columns); i++) {
        talus_column column;
        if (talus_columns_get(columns, i, &column) != TALUS_OK)
            continue;
        printf("  %3lld  %-24s %-8s", (long long)i + 1, column.name[0] == '\0' ? "-" : column.name,
               role_name(column.role));
        if (column.kind == TALUS_COLUMN_NUMBER) {
            printf(column.role == TALUS_ROLE_INPUT ? "number, mean %.5g\n" : "number\n", column.mean);
            continue;
        }
        printf("%lld categories:", (long long)column.categories);
        for (int64_t k = 0; k < column.categories && k < 8; k++)
            printf("%s %s", k == 0 ? "" : ",", talus_columns_category(columns, i, k));
        printf(column.categories > 8 ? ", ...\n" : "\n");
    }
}

static void put_column(text_buffer *to, const talus_columns *columns, int64_t i, const talus_column *column)
{
    put_text(to, i == 0 ? "{\"name\": " : ", {\"name\": ");
    put_json_string(to, column->name);
    put_format(to, ", \"role\": \"%s\"", role_name(column->role));
    if (column->kind == TALUS_COLUMN_NUMBER && column->role == TALUS_ROLE_INPUT) {
        put_text(to, ", \"mean\": ");
        put_json_number(to, column->mean);
    }
    for (int64_t k = 0; k < column->categories; k++) {
        put_text(to, k == 0 ? ", \"categories\": [" : ", ");
        put_json_string(to, talus_columns_category(columns, i, k));
    }
    put_text(to, column->categories > 0 ? "]}" : "}");
}

static void put_description(text_buffer *to, const input_data *data)
{
    const talus_dataset *d = data->dataset;
    put_format(to,
               "{\"format\": \"%s\", \"rows\": %lld, \"inputs\": %lld, \"targets\": %lld, \"classes\": %lld, "
               "\"task\": ",
               format_name(data->format), (long long)talus_dataset_samples(d),
               (long long)talus_dataset_inputs(d), (long long)talus_dataset_targets(d),
               (long long)class_count(data));
    put_json_string(to, data->reason);
    put_text(to, ", \"columns\": [");
    for (int64_t i = 0; i < talus_columns_count(data->columns); i++) {
        talus_column column;
        if (talus_columns_get(data->columns, i, &column) == TALUS_OK)
            put_column(to, data->columns, i, &column);
    }
    put_text(to, "]}\n");
}

static int print_json(const input_data *data)
{
    text_buffer text = {0};
    put_description(&text, data); /* which says how long it is */
    text = (text_buffer){malloc(text.length + 1), text.length + 1, 0};
    if (text.text == NULL)
        return FAILED;
    put_description(&text, data);
    fputs(text.text, stdout);
    free(text.text);
    return DONE;
}

static void print_description(const input_data *data)
{
    printf("%lld rows give %lld inputs and %lld targets\n", (long long)talus_dataset_samples(data->dataset),
           (long long)talus_dataset_inputs(data->dataset), (long long)talus_dataset_targets(data->dataset));
    if (data->columns != NULL)
        describe(data->columns);
    printf("%s\n", data->reason);
}

int run_data(command_line *line)
{
    input_data data = {0};
    if (!check_operands(line, 2, 2, "`describe` and a file with data"))
        return WRONG_USAGE;
    if (strcmp(line->operands[0], "describe") != 0) {
        fprintf(stderr, "talus: data does `describe`, got \"%s\"\n", line->operands[0]);
        return WRONG_USAGE;
    }
    talus_context *context = open_context(line);
    int status = context != NULL && read_training(line, context, line->operands[1], &data) ? DONE : FAILED;
    if (status == DONE && is_given(line, "json"))
        status = print_json(&data);
    else if (status == DONE)
        print_description(&data);
    free_data(&data);
    talus_context_destroy(context);
    return status;
}
