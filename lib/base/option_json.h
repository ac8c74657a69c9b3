/* Options as members of a JSON object: {"method": "adam", "rate": 0.001, "nesterov": false}. */
#ifndef TL_BASE_OPTION_JSON_H
#define TL_BASE_OPTION_JSON_H

#include "base/json.h"
#include "base/json_text.h"
#include "base/options.h"

/* Puts every option that has a text as a member into an open object, but those in a list that ends with NULL; or NULL. */
void tl_options_put_json(tl_buffer *text, const tl_options *table, const void *options,
                         const char *const *except);

/* Sets the option of a key in a struct of the library's size from the next value. *seen has a bit for each row that was
 * set before; a key that comes twice is refused. */
talus_status tl_option_read_json(tl_json *json, const tl_options *table, void *options, const char *key,
                                 uint64_t *seen);

#endif
