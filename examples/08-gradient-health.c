/* Seeing gradients vanish. Ten layers send the error back, and each multiplies it by its weights and its f′:
 *
 *     Δ_l = (Δ_{l+1}·W_{l+1}) ⊙ f′(Z_l)
 *
 * Where f is the sigmoid, f′ is at most ¼, and after nine layers next to nothing is left to learn from. The program measures
 * ‖Δ_l‖ for five activations, with the weights that each gets by default, prints the library's verdicts, and with the name
 * of a file draws the picture:   08-gradient-health gradient-health.svg */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talus/talus.h>

enum { SAMPLES = 200, INPUTS = 20, WIDTH = 64, LAYERS = 10, KINDS = 5 };

static const int kinds[KINDS] = {TALUS_RELU, TALUS_LEAKY_RELU, TALUS_ELU, TALUS_TANH, TALUS_SIGMOID};
static const char *const colors[KINDS] = {"#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00"};

static double x[SAMPLES][INPUTS], y[SAMPLES][1];
static talus_context *context;

static void must(talus_status status)
{
    if (status != TALUS_OK) {
        fprintf(stderr, "%s\n", talus_error_message(context));
        exit(1);
    }
}

/* The sequence i·φ mod 1 fills 0 … 1 evenly. */
static void make_data(void)
{
    for (int i = 0; i < SAMPLES; i++) {
        for (int j = 0; j < INPUTS; j++)
            x[i][j] = 2 * fmod((i * INPUTS + j) * 0.6180339887498949, 1) - 1;
        y[i][0] = sin(3 * x[i][0]) * x[i][1];
    }
}

/* The health of nine layers of one kind under a linear one. */
static void measure(int kind, talus_health health[LAYERS])
{
    talus_layer layers[LAYERS];
    for (int l = 0; l < LAYERS; l++)
        layers[l] = talus_dense(l < LAYERS - 1 ? WIDTH : 1, l < LAYERS - 1 ? kind : TALUS_IDENTITY);
    talus_network_spec spec = talus_dense_network(INPUTS, layers, LAYERS, TALUS_SQUARED_ERROR);
    spec.seed = 1;
    talus_network *network;
    talus_workspace *workspace;
    talus_batch batch = talus_batch_of(talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                                       talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, 1));
    must(talus_network_create(context, &spec, &network));
    must(talus_workspace_create(context, network, SAMPLES, &workspace));
    must(talus_health_of(network, workspace, &batch, health, LAYERS));
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}

static void print(int kind, const talus_health health[LAYERS])
{
    char verdict[500];
    printf("%-11s", talus_activation_name(kind));
    for (int l = 0; l < LAYERS; l++)
        printf(" %7.0e", health[l].delta / health[LAYERS - 1].delta);
    must(talus_health_verdict(context, health, LAYERS, NULL, verdict, sizeof verdict, NULL));
    printf("\n            %s", verdict);
}

/* The picture: layers from left to right, and ‖Δ_l‖ beside that of layer 10 on a logarithmic scale ----------------------- */

enum { LEFT = 80, TOP = 50, STEP = 56, DECADE = 38, DECADES = 8, RIGHT = LEFT + (LAYERS - 1) * STEP };

static double across(int l)
{
    return LEFT + l * STEP;
}

/* 10 stands at the top, 10^(1 − DECADES) at the bottom. */
static double down(double ratio)
{
    return TOP + (1 - log10(ratio)) * DECADE;
}

static void draw_axes(FILE *file)
{
    fprintf(
        file,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 420\" width=\"720\" height=\"420\" "
        "font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"720\" height=\"420\" fill=\"white\"/>\n"
        "<text x=\"%d\" y=\"26\" font-size=\"16\">What is left of the error on its way back through ten "
        "layers</text>\n",
        LEFT);
    for (int d = 0; d <= DECADES; d++) {
        int height = TOP + d * DECADE;
        fprintf(file, "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"#dddddd\"/>\n", LEFT, RIGHT,
                height, height);
        fprintf(file,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">10<tspan dy=\"-5\" "
                "font-size=\"10\">%d</tspan></text>\n",
                LEFT - 10, height + 5, 1 - d);
    }
    for (int l = 0; l < LAYERS; l++)
        fprintf(file, "<text x=\"%.0f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", across(l),
                TOP + DECADES * DECADE + 22, l + 1);
    fprintf(file, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">layer</text>\n", (LEFT + RIGHT) / 2,
            TOP + DECADES * DECADE + 46);
    fprintf(file,
            "<text transform=\"translate(24 %d) rotate(-90)\" text-anchor=\"middle\">‖Δ‖ beside layer "
            "10</text>\n",
            TOP + DECADES * DECADE / 2);
}

/* Names stand left of the curves in the order of kinds, where the curves of four of them lie together. */
static void draw_curve(FILE *file, int k, const talus_health health[LAYERS])
{
    fprintf(file, "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" points=\"", colors[k]);
    for (int l = 0; l < LAYERS; l++)
        fprintf(file, "%.1f,%.1f ", across(l), down(health[l].delta / health[LAYERS - 1].delta));
    fprintf(file, "\"/>\n");
    for (int l = 0; l < LAYERS; l++)
        fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", across(l),
                down(health[l].delta / health[LAYERS - 1].delta), colors[k]);
    fprintf(file, "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>\n", RIGHT + 12, TOP + 60 + 20 * k, colors[k],
            talus_activation_name(kinds[k]));
}

int main(int count, char **arguments)
{
    talus_health health[KINDS][LAYERS];
    must(talus_context_create(NULL, &context));
    make_data();
    printf("delta of layer 1 … %d beside that of layer %d\n", LAYERS, LAYERS);
    for (int k = 0; k < KINDS; k++) {
        measure(kinds[k], health[k]);
        print(kinds[k], health[k]);
    }
    if (count > 1) {
        FILE *file = fopen(arguments[1], "w");
        if (file == NULL) {
            perror(arguments[1]);
            return 1;
        }
        draw_axes(file);
        for (int k = 0; k < KINDS; k++)
            draw_curve(file, k, health[k]);
        fprintf(file, "</svg>\n");
        if (fclose(file) != 0)
            return 1;
    }
    talus_context_destroy(context);
    double sigmoid = health[KINDS - 1][0].delta / health[KINDS - 1][LAYERS - 1].delta;
    double relu = health[0][0].delta / health[0][LAYERS - 1].delta;
    return sigmoid < 1e-3 && relu > 1e-2 && relu < 1e2 ? 0 : 1;
}
