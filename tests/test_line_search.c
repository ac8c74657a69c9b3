/* The line search on the functions of Moré and Thuente 1994, section 5: the steps and the numbers of trials of their
 * tables 1 to 6; and where φ is not finite. */
#include "optimize/line_search.h"

#include "support.h"

#define PI 3.14159265358979323846

typedef struct curve {
    void (*phi)(const struct curve *curve, tl_line_point *point);
    double a, b;             /* its parameters */
    double wall;             /* from which step on it is not finite; 0: it always is */
    int trials, leave_after; /* made; after which the probe leaves; 0: never */
    double last;
} curve;

static bool probe(void *job, tl_line_point *point)
{
    curve *c = job;
    if (c->leave_after > 0 && c->trials == c->leave_after)
        return false;
    c->trials++;
    c->last = point->step;
    c->phi(c, point);
    if (c->wall > 0 && point->step >= c->wall)
        point->value = NAN;
    return true;
}

/* (5.1) φ = −α/(α² + β) */
static void hill(const curve *c, tl_line_point *p)
{
    double square = p->step * p->step, bottom = square + c->b;
    p->value = -p->step / bottom;
    p->slope = (square - c->b) / (bottom * bottom);
}

/* (5.2) φ = (α + β)⁵ − 2·(α + β)⁴ */
static void quintic(const curve *c, tl_line_point *p)
{
    double x = p->step + c->b;
    p->value = pow(x, 5) - 2 * pow(x, 4);
    p->slope = 5 * pow(x, 4) - 8 * pow(x, 3);
}

/* (5.3) |α − 1|, rounded off within β of 1, with l waves on it */
static void waves(const curve *c, tl_line_point *p)
{
    double x = p->step - 1, k = c->a * PI / 2;
    bool round = fabs(x) < c->b;
    p->value = (round ? x * x / (2 * c->b) + c->b / 2 : fabs(x)) + (1 - c->b) / k * sin(k * p->step);
    p->slope = (round ? x / c->b : copysign(1, x)) + (1 - c->b) * cos(k * p->step);
}

/* (5.4) φ = γ(β₁)·√((1 − α)² + β₂²) + γ(β₂)·√(α² + β₁²), γ(β) = √(1 + β²) − β */
static void valley(const curve *c, tl_line_point *p)
{
    double left = sqrt(1 + c->a * c->a) - c->a, right = sqrt(1 + c->b * c->b) - c->b;
    double u = hypot(1 - p->step, c->b), v = hypot(p->step, c->a);
    p->value = left * u + right * v;
    p->slope = -left * (1 - p->step) / u + right * p->step / v;
}

static tl_line_end search(const tl_line_rules *rules, curve *c, double first)
{
    tl_line_point start = {.step = 0};
    c->phi(c, &start);
    return tl_line_search(rules, start.value, start.slope, first, probe, c);
}

/* What the tables give for the first steps 10⁻³, 10⁻¹, 10¹, 10³: how many trials are made, and two digits of the step. */
static const struct {
    curve curve;
    tl_line_rules rules;
    int trials[4];
    double step[4];
} tables[] = {
    {{.phi = hill, .b = 2}, {0.001, 0.1, 50, 0}, {6, 3, 1, 4}, {1.4, 1.4, 10, 37}},
    {{.phi = quintic, .b = 0.004}, {0.1, 0.1, 50, 0}, {12, 8, 8, 11}, {1.6, 1.6, 1.6, 1.6}},
    {{.phi = waves, .a = 39, .b = 0.01}, {0.1, 0.1, 50, 0}, {12, 12, 10, 13}, {1, 1, 1, 1}},
    {{.phi = valley, .a = 0.001, .b = 0.001}, {0.001, 0.001, 50, 0}, {4, 1, 3, 4}, {0.085, 0.1, 0.35, 0.83}},
    {{.phi = valley, .a = 0.01, .b = 0.001},
     {0.001, 0.001, 50, 0},
     {6, 3, 7, 8},
     {0.075, 0.078, 0.073, 0.076}},
    {{.phi = valley, .a = 0.001, .b = 0.01},
     {0.001, 0.001, 50, 0},
     {13, 11, 8, 11},
     {0.93, 0.93, 0.92, 0.92}},
};

START_TEST(the_published_searches_are_repeated)
{
    for (int k = 0; k < 4; k++) {
        curve c = tables[_i].curve;
        ck_assert_int_eq(search(&tables[_i].rules, &c, pow(10, 2 * k - 3)), TL_LINE_FOUND);
        ck_assert_int_eq(c.trials, tables[_i].trials[k]);
        double unit = pow(10, floor(log10(tables[_i].step[k])) - 1);
        ck_assert_double_eq_tol(c.last, tables[_i].step[k], unit);
    }
}
END_TEST

/* φ = α² − 2α, whose minimum at 1 lies before a wall: what is not finite is stayed below, from any first step. */
static void bowl(const curve *c, tl_line_point *p)
{
    (void)c;
    p->value = p->step * (p->step - 2);
    p->slope = 2 * (p->step - 1);
}

START_TEST(what_is_not_finite_is_stayed_below)
{
    const tl_line_rules rules = {1e-4, 0.1, 50, 0};
    for (double first = 1e-6; first < 1e9; first *= 7) {
        curve c = {.phi = bowl, .wall = 1.05};
        ck_assert_int_eq(search(&rules, &c, first), TL_LINE_FOUND);
        ck_assert_double_eq_tol(c.last, 1, 0.1);
    }
    curve before = {.phi = bowl, .wall = 0.7}; /* it falls towards the wall: no slope is small enough */
    ck_assert_int_eq(search(&rules, &before, 0.1), TL_LINE_FAILED);
    ck_assert_double_eq_tol(before.last, 0.7, 1e-6);
    curve nowhere = {.phi = bowl, .wall = 1e-300};
    ck_assert_int_eq(search(&rules, &nowhere, 1), TL_LINE_FAILED);
    ck_assert_int_eq(nowhere.trials, rules.trials);
}
END_TEST

/* φ = −α has no end; a kink at 1 has no small slope; a probe may leave. */
static void fall(const curve *c, tl_line_point *p)
{
    bool past = c->a > 0 && p->step > c->a;
    p->value = past ? p->step - 2 * c->a : -p->step;
    p->slope = past ? 1 : -1;
}

START_TEST(searches_that_find_nothing_end)
{
    const tl_line_rules rules = {1e-4, 0.9, 20, 0}, patient = {1e-4, 0.9, 200, 0};
    curve endless = {.phi = fall};
    ck_assert_int_eq(search(&rules, &endless, 1), TL_LINE_FAILED);
    ck_assert_int_eq(endless.trials, 20);
    ck_assert_double_gt(endless.last, 1e8);
    curve kink = {.phi = fall, .a = 1};
    ck_assert_int_eq(search(&patient, &kink, 0.3), TL_LINE_FAILED);
    ck_assert_int_lt(kink.trials, 200);
    ck_assert_double_eq_tol(kink.last, 1, 1e-12);
    curve left = {.phi = fall, .leave_after = 3};
    ck_assert_int_eq(search(&rules, &left, 1), TL_LINE_LEFT);
    ck_assert_int_eq(left.trials, 3);
    ck_assert_int_eq(search(&rules, &left, 0), TL_LINE_FAILED);
    ck_assert_int_eq(search(&rules, &left, INFINITY), TL_LINE_FAILED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("line search");
    TCase *tests = tcase_create("line search");
    tcase_add_loop_test(tests, the_published_searches_are_repeated, 0, (int)(sizeof tables / sizeof *tables));
    tcase_add_test(tests, what_is_not_finite_is_stayed_below);
    tcase_add_test(tests, searches_that_find_nothing_end);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
