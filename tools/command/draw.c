#include "draw.h"

#include <math.h>
#include <string.h>

/* The drawing, and within it the plane of the values. */
enum { WIDTH = 480, HEIGHT = 280, LEFT = 62, RIGHT = 24, TOP = 50, BOTTOM = 44, TICKS = 5 };

void put_html(FILE *to, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '<')
            fputs("&lt;", to);
        else if (*text == '>')
            fputs("&gt;", to);
        else if (*text == '&')
            fputs("&amp;", to);
        else if (*text == '"')
            fputs("&quot;", to);
        else if ((unsigned char)*text >= ' ' || *text == '\n')
            fputc(*text, to);
}

/* The range of an axis. */
typedef struct axis {
    double least, most, step; /* of the marks */
    int logarithmic;
} axis;

/* A round step for about TICKS marks. */
static double round_step(double length)
{
    const double rough = length / TICKS, power = pow(10, floor(log10(rough)));
    const double parts[] = {1, 2, 5};
    for (int i = 0; i < 3; i++)
        if (parts[i] * power >= rough * 0.999)
            return parts[i] * power;
    return 10 * power;
}

/* An axis that begins and ends at marks. */
static axis axis_of(double least, double most, int logarithmic)
{
    axis of = {least, most, 0, logarithmic};
    if (!(most > least))
        of.least = least - fabs(least) / 2 - 1e-12, of.most = least + fabs(least) / 2 + 1e-12;
    if (logarithmic) {
        of.least = floor(log10(of.least) * 4) / 4, of.most = ceil(log10(of.most) * 4) / 4;
        of.step = fmax(1, ceil((of.most - of.least) / TICKS));
        return of;
    }
    of.step = round_step(of.most - of.least);
    of.least = floor(of.least / of.step) * of.step, of.most = ceil(of.most / of.step) * of.step;
    return of;
}

/* Of epochs 1 … n, with marks at whole numbers. */
static axis axis_of_epochs(int64_t n)
{
    const double most = (double)(n > 1 ? n : 2);
    return (axis){1, most, fmax(1, round_step(most)), 0};
}

static double place(const axis *of, double value)
{
    return ((of->logarithmic ? log10(value) : value) - of->least) / (of->most - of->least);
}

static double x_of(const axis *of, double value)
{
    return LEFT + (WIDTH - LEFT - RIGHT) * place(of, value);
}

static double y_of(const axis *of, double value)
{
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * place(of, value);
}

static void begin(FILE *to, const char *title, int height)
{
    fprintf(to, "<figure><svg viewBox=\"0 0 %d %d\" role=\"img\"><title>", WIDTH, height);
    put_html(to, title);
    fprintf(to, "</title><text class=\"t\" x=\"%d\" y=\"18\">", LEFT);
    put_html(to, title);
    fputs("</text>", to);
}

static void end(FILE *to)
{
    fputs("</svg></figure>\n", to);
}

static void draw_x_axis(FILE *to, const axis *x, const char *name)
{
    for (double mark = ceil(x->least / x->step) * x->step; mark <= x->most + x->step / 1e6; mark += x->step)
        fprintf(to, "<text class=\"a\" text-anchor=\"middle\" x=\"%.1f\" y=\"%d\">%.6g</text>", x_of(x, mark),
                HEIGHT - BOTTOM + 16, fabs(mark) < x->step / 1e6 ? 0 : mark);
    fprintf(to, "<text class=\"a\" text-anchor=\"end\" x=\"%d\" y=\"%d\">", WIDTH - RIGHT, HEIGHT - 6);
    put_html(to, name);
    fputs("</text>", to);
}

static void draw_y_mark(FILE *to, const axis *y, double value)
{
    fprintf(to, "<path class=\"g\" d=\"M%d %.1fH%d\"/>", LEFT, y_of(y, value), WIDTH - RIGHT);
    fprintf(to, "<text class=\"a\" text-anchor=\"end\" x=\"%d\" y=\"%.1f\">%.6g</text>", LEFT - 6,
            y_of(y, value) + 4, value);
}

/* Marks at powers of 10, and where these are few, at 2 and 5 times them. */
static void draw_logarithmic_marks(FILE *to, const axis *y)
{
    const double parts[] = {1, 2, 5};
    const int count = y->most - y->least <= 2 ? 3 : 1;
    for (double power = floor(y->least); power <= y->most; power += count == 3 ? 1 : y->step)
        for (int i = 0; i < count; i++) {
            const double value = parts[i] * pow(10, power), at = place(y, value);
            if (at > -1e-6 && at < 1 + 1e-6)
                draw_y_mark(to, y, value);
        }
}

static void draw_y_axis(FILE *to, const axis *y, const char *name)
{
    if (y->logarithmic)
        draw_logarithmic_marks(to, y);
    for (double mark = ceil(y->least / y->step) * y->step; !y->logarithmic && mark <= y->most + y->step / 1e6;
         mark += y->step)
        draw_y_mark(to, y, fabs(mark) < y->step / 1e6 ? 0 : mark);
    fprintf(to, "<text class=\"a\" x=\"%d\" y=\"%d\">", LEFT, TOP - 12);
    put_html(to, name);
    fputs("</text>", to);
}

static int is_drawn(double value, int logarithmic)
{
    return isfinite(value) && (!logarithmic || value > 0);
}

/* Widens a range to values; false if there is none. */
static int widen(const double *values, int64_t count, int logarithmic, double *least, double *most)
{
    for (int64_t i = 0; i < count; i++)
        if (is_drawn(values[i], logarithmic))
            *least = fmin(*least, values[i]), *most = fmax(*most, values[i]);
    return *most >= *least;
}

static void draw_curve(FILE *to, const curve *of, int64_t length, const axis *x, const axis *y)
{
    const char *move = "M";
    fprintf(to, "<path class=\"l %s\" d=\"", of->color);
    const int64_t step = length > 2000 ? length / 2000 : 1; /* no page needs more points */
    for (int64_t i = 0; i < length; i += step) {
        if (!is_drawn(of->values[i], y->logarithmic)) {
            move = "M";
            continue;
        }
        fprintf(to, "%s%.1f %.1f", move, x_of(x, (double)i + 1), y_of(y, of->values[i]));
        move = "L";
    }
    fputs("\"/>", to);
}

void draw_curves(FILE *to, const char *title, const curve *curves, int count, int64_t length, int logarithmic)
{
    double least = INFINITY, most = -INFINITY;
    int found = 0;
    for (int i = 0; i < count; i++)
        found |= widen(curves[i].values, length, logarithmic, &least, &most);
    if (!found)
        return;
    const axis x = axis_of_epochs(length), y = axis_of(least, most, logarithmic);
    begin(to, title, HEIGHT);
    draw_y_axis(to, &y, "");
    draw_x_axis(to, &x, "epoch");
    for (int i = 0; i < count; i++) {
        draw_curve(to, &curves[i], length, &x, &y);
        fprintf(to, "<text class=\"a %s\" text-anchor=\"end\" x=\"%d\" y=\"%d\">", curves[i].color,
                WIDTH - RIGHT - 4, 18 + 15 * i);
        put_html(to, curves[i].name);
        fputs("</text>", to);
    }
    end(to);
}

void draw_points(FILE *to, const char *title, const char *x_name, const char *y_name, const double *x,
                 const double *y, int64_t count, int diagonal)
{
    enum { FEW = 50 }; /* points, which are large */
    double x_least = INFINITY, x_most = -INFINITY, y_least = INFINITY, y_most = -INFINITY;
    if (!widen(x, count, 0, &x_least, &x_most) || !widen(y, count, 0, &y_least, &y_most))
        return;
    if (diagonal)
        x_least = y_least = fmin(x_least, y_least), x_most = y_most = fmax(x_most, y_most);
    const axis across = axis_of(x_least, x_most, 0), up = axis_of(y_least, y_most, 0);
    begin(to, title, HEIGHT);
    draw_y_axis(to, &up, y_name);
    draw_x_axis(to, &across, x_name);
    if (diagonal)
        fprintf(to, "<path class=\"d\" d=\"M%.1f %.1fL%.1f %.1f\"/>", x_of(&across, across.least),
                y_of(&up, up.least), x_of(&across, across.most), y_of(&up, up.most));
    for (int64_t i = 0; i < count; i++)
        if (isfinite(x[i]) && isfinite(y[i]))
            fprintf(to, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"/>", count <= FEW ? "b" : "p",
                    x_of(&across, x[i]), y_of(&up, y[i]), count <= FEW ? 5 : 2);
    end(to);
}

/* At most 20 characters of UTF-8, the last of which says that there are more. */
static void put_cut(FILE *to, const char *name)
{
    enum { MOST = 20 };
    char cut[4 * MOST + 4];
    size_t length = 0;
    int characters = 0;
    for (; name[length] != '\0' && length < sizeof cut - 4; length++) {
        characters += ((unsigned char)name[length] & 0xC0) != 0x80;
        if (characters == MOST)
            break;
        cut[length] = name[length];
    }
    strcpy(cut + length, name[length] == '\0' ? "" : "\xE2\x80\xA6");
    put_html(to, cut);
}

void draw_bars(FILE *to, const char *title, const char *const *names, const double *values, int count)
{
    enum { BAR = 22, NAMES = 150, ABOVE = 32 };
    double most = 0;
    for (int i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    begin(to, title, ABOVE + BAR * count + 8);
    for (int i = 0; i < count; i++) {
        const double width = most > 0 ? (WIDTH - NAMES - 80) * fmax(0, values[i]) / most : 0;
        const int y = ABOVE + BAR * i;
        fprintf(to, "<text class=\"a\" text-anchor=\"end\" x=\"%d\" y=\"%d\">", NAMES - 6, y + 14);
        put_cut(to, names[i]);
        fprintf(to, "</text><rect class=\"b\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", NAMES, y + 3,
                width, BAR - 6);
        fprintf(to, "<text class=\"a\" x=\"%.1f\" y=\"%d\">%.3g</text>", NAMES + width + 6, y + 14,
                values[i]);
    }
    end(to);
}
