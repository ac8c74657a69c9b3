/* Going downhill on functions of one's own. Three of them, from one number to the valley that methods are tried in:
 *
 *     f(x) = x⁴ − 3x³ + 2            f′ = 4x³ − 9x² = 0 at 2¼; plain descent from 6
 *     f(x) = ½·(x₁² + κ·x₂²)         how far a step may go, the steep direction says; how long it takes, the flat one
 *     f(x) = (1 − x₁)² + 100·(x₂ − x₁²)²          Rosenbrock 1960: a bent valley
 *
 * With the name of a file it draws the paths over the second one:   07-minimize minimize.svg */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talus/talus.h>

enum { PATHS = 3, MOST_POINTS = 151 };

#define KAPPA 20.0 /* the condition number: the largest curvature over the smallest */

static talus_context *context;

static void must(talus_status status)
{
    if (status != TALUS_OK) {
        fprintf(stderr, "%s\n", talus_error_message(context));
        exit(1);
    }
}

/* The functions, each with its gradient ------------------------------------------------------------------ */

static int quartic(const talus_matrix *x, double *value, const talus_matrix *gradient, void *user)
{
    double at = *(const double *)x->data, *g = gradient->data;
    (void)user;
    *value = pow(at, 4) - 3 * pow(at, 3) + 2;
    *g = 4 * pow(at, 3) - 9 * at * at;
    return 0;
}

static int bowl(const talus_matrix *x, double *value, const talus_matrix *gradient, void *user)
{
    const double *at = x->data;
    double *g = gradient->data;
    (void)user;
    *value = (at[0] * at[0] + KAPPA * at[1] * at[1]) / 2;
    g[0] = at[0];
    g[1] = KAPPA * at[1];
    return 0;
}

static int valley(const talus_matrix *x, double *value, const talus_matrix *gradient, void *user)
{
    const double *at = x->data;
    double *g = gradient->data, a = 1 - at[0], b = at[1] - at[0] * at[0];
    (void)user;
    *value = a * a + 100 * b * b;
    g[0] = -2 * a - 400 * at[0] * b;
    g[1] = 200 * b;
    return 0;
}

/* One number --------------------------------------------------------------------------------------------- */

static int print_some(const talus_minimize_step *step, void *user)
{
    int64_t k = step->iteration;
    (void)user;
    if (k <= 4 || k % 20 == 0)
        printf("%8lld  x = %.6f   f = %9.6f   |f'| = %7.1e\n", (long long)k, *(double *)step->x->data,
               step->value, step->gradient_norm);
    return 0;
}

/* How far from 2¼ plain descent ends. */
static double descend(void)
{
    double at = 6;
    talus_matrix x = talus_matrix_view(&at, TALUS_DTYPE_F64, 1, 1);
    talus_optimizer_spec descent;
    talus_minimize_options options;
    talus_minimize_result result;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    descent.rate = 0.01;
    talus_minimize_options_defaults(&options);
    options.optimizer = &descent;
    options.on_step = print_some;
    printf("x^4 - 3x^3 + 2 from x = 6, rate %g\n", descent.rate);
    must(talus_minimize(context, quartic, NULL, &x, &options, &result));
    printf("%8lld  x = %.6f   %s\n\n", (long long)result.iterations, at, talus_outcome_name(result.outcome));
    return fabs(at - 2.25);
}

/* A bowl, and the paths down it -------------------------------------------------------------------------- */

typedef struct path {
    talus_optimizer_spec method;
    const char *color;
    double points[MOST_POINTS][2];
    int count;
} path;

static int keep_point(const talus_minimize_step *step, void *user)
{
    path *p = user;
    const double *at = step->x->data;
    p->points[p->count][0] = at[0];
    p->points[p->count++][1] = at[1];
    return p->count == MOST_POINTS;
}

/* The steep direction allows plain descent a rate below 2/κ. With η = 2/(1 + κ) both errors shrink by (κ − 1)/(κ + 1) a
 * step, and no rate is better; momentum with its best numbers (Polyak 1964) makes that (√κ − 1)/(√κ + 1). */
static void walk(path paths[PATHS])
{
    static const int methods[PATHS] = {TALUS_GRADIENT_DESCENT, TALUS_MOMENTUM, TALUS_LBFGS};
    static const char *const colors[PATHS] = {"#d55e00", "#0072b2", "#009e73"};
    double root = sqrt(KAPPA);
    printf("(x1^2 + %g x2^2)/2 from (10, 1), until no part of the gradient exceeds 1e-3\n", KAPPA);
    for (int k = 0; k < PATHS; k++) {
        path *p = &paths[k];
        talus_minimize_options options;
        talus_minimize_result result;
        *p = (path){.color = colors[k], .points = {{10, 1}}, .count = 1};
        talus_optimizer_defaults(&p->method, methods[k]);
        if (methods[k] == TALUS_GRADIENT_DESCENT)
            p->method.rate = 2 / (1 + KAPPA);
        if (methods[k] == TALUS_MOMENTUM) {
            p->method.rate = 4 / ((root + 1) * (root + 1));
            p->method.momentum = (root - 1) * (root - 1) / ((root + 1) * (root + 1));
        }
        double at[2] = {10, 1};
        talus_matrix x = talus_matrix_view(at, TALUS_DTYPE_F64, 1, 2);
        talus_minimize_options_defaults(&options);
        options.optimizer = &p->method;
        options.gradient_tolerance = 1e-3;
        options.on_step = keep_point;
        options.user = p;
        must(talus_minimize(context, bowl, NULL, &x, &options, &result));
        printf("%20s  %3lld iterations  %3lld evaluations  f = %.1e  %s\n", talus_method_name(methods[k]),
               (long long)result.iterations, (long long)result.evaluations, result.value,
               talus_outcome_name(result.outcome));
    }
    printf("\n");
}

/* The picture: x₂ is drawn twice as large as x₁. Lines of equal f are ellipses. */
enum { RIGHT = 50, UP = 100 };

static double across(double x)
{
    return 60 + (x + 4) * RIGHT;
}

static double down(double y)
{
    return 250 - y * UP;
}

static void draw_path(FILE *file, const path *p, int k)
{
    fprintf(file, "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" points=\"", p->color);
    for (int i = 0; i < p->count; i++)
        fprintf(file, "%.1f,%.1f ", across(p->points[i][0]), down(p->points[i][1]));
    fprintf(file, "\"/>\n");
    for (int i = 0; i < p->count; i++)
        fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n", across(p->points[i][0]),
                down(p->points[i][1]), p->color);
    fprintf(file, "<text x=\"80\" y=\"%d\" fill=\"%s\" font-size=\"15\">%s, %d steps</text>\n", 84 + 22 * k,
            p->color, talus_method_name(p->method.method), p->count - 1);
}

static void draw(const char *name, const path paths[PATHS])
{
    FILE *file = fopen(name, "w");
    if (file == NULL) {
        perror(name);
        exit(1);
    }
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 860 470\" width=\"860\" height=\"470\" "
            "font-family=\"sans-serif\">\n<rect width=\"860\" height=\"470\" fill=\"white\"/>\n"
            "<text x=\"60\" y=\"36\" font-size=\"18\">Three ways down ½·(x₁² + %g·x₂²)</text>\n"
            "<clipPath id=\"map\"><rect x=\"60\" y=\"56\" width=\"750\" height=\"390\"/></clipPath>\n"
            "<g clip-path=\"url(#map)\">\n",
            KAPPA);
    for (double f = 0.5; f < 200; f *= 2)
        fprintf(
            file,
            "<ellipse cx=\"%.1f\" cy=\"%.1f\" rx=\"%.1f\" ry=\"%.1f\" fill=\"none\" stroke=\"#cccccc\"/>\n",
            across(0), down(0), RIGHT * sqrt(2 * f), UP * sqrt(2 * f / KAPPA));
    for (int k = 0; k < PATHS; k++)
        draw_path(file, &paths[k], k);
    fprintf(file,
            "</g>\n<rect x=\"60\" y=\"56\" width=\"750\" height=\"390\" fill=\"none\" stroke=\"#888888\"/>\n"
            "</svg>\n");
    if (fclose(file) != 0) {
        perror(name);
        exit(1);
    }
}

/* A bent valley ------------------------------------------------------------------------------------------ */

/* How far from (1, 1) L-BFGS ends. */
static double compare(void)
{
    static const struct {
        int method;
        double rate; /* 0: it has none */
    } tried[] = {{TALUS_GRADIENT_DESCENT, 0.001},
                 {TALUS_MOMENTUM, 0.0005},
                 {TALUS_ADAM, 0.02},
                 {TALUS_CONJUGATE_GRADIENT, 0},
                 {TALUS_LBFGS, 0}};
    double distance = INFINITY;
    printf("Rosenbrock's valley from (-1.2, 1), until no part of the gradient exceeds 1e-5\n");
    for (size_t k = 0; k < sizeof tried / sizeof *tried; k++) {
        double at[2] = {-1.2, 1};
        talus_matrix x = talus_matrix_view(at, TALUS_DTYPE_F64, 1, 2);
        talus_optimizer_spec method;
        talus_minimize_options options;
        talus_minimize_result result;
        talus_optimizer_defaults(&method, tried[k].method);
        if (tried[k].rate > 0)
            method.rate = tried[k].rate;
        talus_minimize_options_defaults(&options);
        options.optimizer = &method;
        options.iterations = 100000;
        must(talus_minimize(context, valley, NULL, &x, &options, &result));
        printf("%20s  %5lld iterations  %5lld evaluations  x = (%.5f, %.5f)  %s\n",
               talus_method_name(tried[k].method), (long long)result.iterations,
               (long long)result.evaluations, at[0], at[1], talus_outcome_name(result.outcome));
        distance = hypot(at[0] - 1, at[1] - 1);
    }
    return distance;
}

int main(int count, char **arguments)
{
    static path paths[PATHS];
    must(talus_context_create(NULL, &context));
    double one = descend();
    walk(paths);
    if (count > 1)
        draw(arguments[1], paths);
    double two = compare();
    talus_context_destroy(context);
    return one < 1e-5 && two < 1e-5 ? 0 : 1;
}
