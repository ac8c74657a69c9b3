/* All of a network but the elements of its parameters, as JSON. */
#ifndef TL_MODEL_NETWORK_JSON_H
#define TL_MODEL_NETWORK_JSON_H

#include "base/json.h"
#include "base/json_text.h"
#include "network/network.h"

#define TL_MOST_RANGES 4096 /* of a network in a file */

/* Opens the text and puts {"talus": version, "network": …, "projection": …, "scaling": …, "statistics": …, "notes": …. notes is a JSON value,
 * or NULL. A checkpoint of a fit (train/resume.h) adds "checkpoint". */
void tl_model_put_json(tl_buffer *text, const talus_network *network, const char *notes);

/* The places of the parts of such a text; at is −1 where there is none. */
typedef struct tl_model_json {
    tl_json network, projection, scaling, statistics, notes, checkpoint;
} tl_model_json;

/* Checks a whole text and finds its parts. TALUS_ERROR_FORMAT. */
talus_status tl_model_parse_json(tl_json text, tl_model_json *parts);

/* A spec with arrays of its own. */
typedef struct tl_read_spec {
    talus_network_spec fields;
    talus_layer *layers;
    talus_output_range *ranges;
    double *output_weights;
} tl_read_spec;

/* Reads a spec of at most so many layers. Release it also after an error. TALUS_ERROR_FORMAT, TALUS_ERROR_MEMORY. */
talus_status tl_spec_read_json(tl_json json, int most_layers, tl_read_spec *spec);
void tl_spec_release(talus_context *context, tl_read_spec *spec);

/* Makes a projection of so many columns, but for its matrix. */
talus_status tl_projection_read_json(tl_json json, const talus_network *network, int64_t columns,
                                     tl_projection *made);

/* Gives a network its scaling and its running statistics. */
talus_status tl_scaling_read_json(tl_json json, talus_network *network);
talus_status tl_statistics_read_json(tl_json json, talus_network *network);

#endif
