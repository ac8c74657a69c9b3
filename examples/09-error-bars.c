/* How sure a fit is. Pasture regrowth (Rat42 of NIST's reference data sets, https://www.itl.nist.gov/div898/strd: Ratkowsky, Nonlinear
 * Regression Modeling, 1983) follows a logistic curve, which is a network with one hidden unit:
 *
 *     y = b₁/(1 + exp(b₂ − b₃·x)) = b₁·sigmoid(b₃·x − b₂)
 *
 * Levenberg and Marquardt's method fits it to all digits that NIST certifies, and says how sure each parameter is, and the curve at
 * each x: in the inner band the mean lies 95 times in 100, in the outer one a new observation.
 *
 * With the name of a file it draws this:   09-error-bars error-bars.svg */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talus/talus.h>

enum { OBSERVATIONS = 9, PARAMETERS = 3, POINTS = 101 };

static const double days[OBSERVATIONS] = {9, 14, 21, 28, 42, 57, 63, 70, 79},
                    yields[OBSERVATIONS] = {8.93, 10.80, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08};

/* Of the parameters b₁, b₂, b₃: a published start, the certified values and their standard errors. */
static const double starts[PARAMETERS] = {100, 1, 0.1},
                    certified[PARAMETERS] = {7.2462237576e+01, 2.6180768402e+00, 6.7359200066e-02},
                    certified_errors[PARAMETERS] = {1.7340283401e+00, 8.8295217536e-02, 3.4465663377e-03};

static talus_context *context;

static void must(talus_status status)
{
    if (status != TALUS_OK) {
        fprintf(stderr, "%s\n", talus_error_message(context));
        exit(1);
    }
}

static talus_matrix column(const double *values, int64_t rows)
{
    return talus_matrix_view((void *)values, TALUS_DTYPE_F64, rows, 1);
}

/* The fit ---------------------------------------------------------------------------------------------------- */

/* A sigmoid, and its multiple without a bias: θ = (b₃, −b₂, b₁). */
static talus_network *make_network(void)
{
    talus_layer layers[2] = {talus_dense(1, TALUS_SIGMOID), talus_dense(1, TALUS_IDENTITY)};
    talus_network_spec spec;
    talus_network *network;
    talus_matrix theta;
    layers[1].without_biases = 1;
    talus_network_defaults(&spec);
    spec.inputs = 1;
    spec.layers = layers;
    spec.layer_count = 2;
    spec.precision = TALUS_DTYPE_F64;
    must(talus_network_create(context, &spec, &network));
    must(talus_network_parameters(network, &theta));
    double *values = theta.data;
    values[0] = starts[2], values[1] = -starts[1], values[2] = starts[0];
    return network;
}

/* The greatest error of a parameter or a standard error, as a part of what is certified. */
static double report(const double theta[PARAMETERS], const double errors[PARAMETERS],
                     const talus_levenberg_marquardt_result *result)
{
    const double b[PARAMETERS] = {theta[2], -theta[1], theta[0]},
                 e[PARAMETERS] = {errors[2], errors[1], errors[0]};
    double worst = 0;
    printf("%s after %lld iterations\n\n", talus_outcome_name(result->outcome),
           (long long)result->iterations);
    printf("         found                            certified by NIST\n");
    for (int i = 0; i < PARAMETERS; i++) {
        printf("b%d  %14.9f +- %-13.9f  %14.9f +- %.9f\n", i + 1, b[i], e[i], certified[i],
               certified_errors[i]);
        worst = fmax(worst, fabs(b[i] / certified[i] - 1));
        worst = fmax(worst, fabs(e[i] / certified_errors[i] - 1));
    }
    printf("sigma %12.9f                     %14.9f\n\n", result->deviation, 1.1587725499);
    return worst;
}

/* The picture ------------------------------------------------------------------------------------------------ */

/* A curve with its bands. */
typedef struct bands {
    double x[POINTS], y[POINTS], mean[POINTS], observation[POINTS];
} bands;

static double across(double x)
{
    return 70 + x * 8;
}

static double down(double y)
{
    return 410 - y * 4.5;
}

static void draw_band(FILE *file, const bands *b, const double *half, const char *color)
{
    fprintf(file, "<polygon fill=\"%s\" points=\"", color);
    for (int i = 0; i < POINTS; i++)
        fprintf(file, "%.1f,%.1f ", across(b->x[i]), down(b->y[i] + half[i]));
    for (int i = POINTS - 1; i >= 0; i--)
        fprintf(file, "%.1f,%.1f ", across(b->x[i]), down(b->y[i] - half[i]));
    fprintf(file, "\"/>\n");
}

static void draw_axes(FILE *file)
{
    for (int x = 0; x <= 90; x += 15)
        fprintf(file, "<text x=\"%.1f\" y=\"432\" text-anchor=\"middle\" font-size=\"13\">%d</text>\n",
                across(x), x);
    for (int y = 0; y <= 75; y += 15)
        fprintf(file,
                "<line x1=\"70\" x2=\"790\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>\n"
                "<text x=\"60\" y=\"%.1f\" text-anchor=\"end\" font-size=\"13\">%d</text>\n",
                down(y), down(y), down(y) + 4, y);
    fprintf(file,
            "<text x=\"430\" y=\"456\" text-anchor=\"middle\" font-size=\"14\">days of growth</text>\n"
            "<text x=\"70\" y=\"36\" font-size=\"18\">Pasture yield: a fit with its 95 %% bands</text>\n");
}

static void draw(const char *name, const bands *b)
{
    FILE *file = fopen(name, "w");
    if (file == NULL) {
        perror(name);
        exit(1);
    }
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 860 470\" width=\"860\" height=\"470\" "
            "font-family=\"sans-serif\">\n<rect width=\"860\" height=\"470\" fill=\"white\"/>\n");
    draw_axes(file);
    draw_band(file, b, b->observation, "#cfe3f2");
    draw_band(file, b, b->mean, "#86b9dc");
    fprintf(file, "<polyline fill=\"none\" stroke=\"#0072b2\" stroke-width=\"2\" points=\"");
    for (int i = 0; i < POINTS; i++)
        fprintf(file, "%.1f,%.1f ", across(b->x[i]), down(b->y[i]));
    fprintf(file, "\"/>\n");
    for (int i = 0; i < OBSERVATIONS; i++)
        fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#d55e00\"/>\n", across(days[i]),
                down(yields[i]));
    fprintf(file, "<rect x=\"90\" y=\"82\" width=\"18\" height=\"12\" fill=\"#86b9dc\"/>"
                  "<text x=\"116\" y=\"93\" font-size=\"14\">the mean</text>\n"
                  "<rect x=\"90\" y=\"104\" width=\"18\" height=\"12\" fill=\"#cfe3f2\"/>"
                  "<text x=\"116\" y=\"115\" font-size=\"14\">a new observation</text>\n</svg>\n");
    if (fclose(file) != 0) {
        perror(name);
        exit(1);
    }
}

/* Bands of 95 in 100, up to 90 days. */
static void find_bands(const talus_network *network, const talus_matrix *covariance,
                       const talus_levenberg_marquardt_result *result, bands *b)
{
    const double t = talus_student_quantile(0.95, result->degrees_of_freedom);
    talus_workspace *workspace;
    for (int i = 0; i < POINTS; i++)
        b->x[i] = 0.9 * i;
    const talus_matrix x = column(b->x, POINTS), y = column(b->y, POINTS), mean = column(b->mean, POINTS),
                       observation = column(b->observation, POINTS);
    must(talus_workspace_create(context, network, POINTS, &workspace));
    must(talus_prediction_bands(network, workspace, &x, covariance, 0, t, &y, &mean));
    must(
        talus_prediction_bands(network, workspace, &x, covariance, result->deviation, t, NULL, &observation));
    talus_workspace_destroy(workspace);
    printf("  day   yield   mean   new observation\n");
    for (int i = 0; i < POINTS; i += 20)
        printf("%5.0f  %6.2f  +-%.2f  +-%.2f\n", b->x[i], b->y[i], b->mean[i], b->observation[i]);
}

int main(int count, char **arguments)
{
    double errors[PARAMETERS], numbers[PARAMETERS * PARAMETERS];
    static bands b;
    talus_dataset *data;
    talus_matrix theta, x = column(days, OBSERVATIONS), y = column(yields, OBSERVATIONS),
                        covariance = talus_matrix_view(numbers, TALUS_DTYPE_F64, PARAMETERS, PARAMETERS),
                        standard_errors = talus_matrix_view(errors, TALUS_DTYPE_F64, 1, PARAMETERS);
    talus_least_squares_options method;
    talus_levenberg_marquardt_options options;
    talus_levenberg_marquardt_result result;
    must(talus_context_create(NULL, &context));
    must(talus_dataset_from_matrices(context, &x, &y, &data));
    talus_network *network = make_network();
    talus_least_squares_options_defaults(&method);
    method.covariance = &covariance;
    method.standard_errors = &standard_errors;
    talus_levenberg_marquardt_options_defaults(&options);
    options.method = &method;
    must(talus_levenberg_marquardt(network, data, NULL, &options, &result));
    must(talus_network_parameters(network, &theta));
    const double worst = report(theta.data, errors, &result);
    find_bands(network, &covariance, &result, &b);
    if (count > 1)
        draw(arguments[1], &b);
    talus_network_destroy(network);
    talus_dataset_destroy(data);
    talus_context_destroy(context);
    return worst < 1e-7 ? 0 : 1;
}
