#include "report/svg.h"

#include <math.h>

#include "report/machine.h"

const char *const bench_colours[BENCH_COLOURS] = {"#1f4e9c", "#e08214", "#8a8a8a", "#3a8f5a"};

/* Text in XML. */
static void write_escaped(FILE *file, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", file);
            break;
        case '<':
            fputs("&lt;", file);
            break;
        default:
            fputc(*text, file);
        }
}

bool bench_svg_open(bench_svg *svg, const char *path, double width, double height, const char *title)
{
    char machine[3 * BENCH_FIELD_BYTES];
    *svg = (bench_svg){fopen(path, "w"), path, width, height};
    if (!svg->file) {
        perror(path);
        return false;
    }
    fprintf(
        svg->file,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
        "font-family=\"DejaVu Sans, Verdana, sans-serif\">\n",
        width, height, width, height);
    bench_svg_rectangle(svg, 0, 0, width, height, "#ffffff");
    bench_machine(machine, sizeof machine);
    bench_svg_text(svg, 16, 26, 16, "start", title);
    bench_svg_text(svg, 16, 44, 10, "start", machine);
    return true;
}

bool bench_svg_close(bench_svg *svg)
{
    fprintf(svg->file, "</svg>\n");
    bool good = !ferror(svg->file);
    good = fclose(svg->file) == 0 && good;
    if (!good)
        fprintf(stderr, "talus-bench: cannot write %s\n", svg->path);
    return good;
}

void bench_svg_line(bench_svg *svg, double x1, double y1, double x2, double y2, const char *colour,
                    double width)
{
    fprintf(svg->file, "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"%s\" stroke-width=\"%.1f\"/>\n", x1, y1, x2,
            y2, colour, width);
}

void bench_svg_rectangle(bench_svg *svg, double x, double y, double width, double height, const char *colour)
{
    fprintf(svg->file, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", x, y,
            width, height, colour);
}

void bench_svg_dot(bench_svg *svg, double x, double y, const char *colour)
{
    fprintf(svg->file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x, y, colour);
}

void bench_svg_text(bench_svg *svg, double x, double y, double size, const char *anchor, const char *text)
{
    fprintf(svg->file, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.0f\" text-anchor=\"%s\">", x, y, size,
            anchor);
    write_escaped(svg->file, text);
    fprintf(svg->file, "</text>\n");
}

void bench_svg_turned_text(bench_svg *svg, double x, double y, double size, const char *text)
{
    fprintf(svg->file,
            "<text transform=\"translate(%.1f %.1f) rotate(-90)\" font-size=\"%.0f\" text-anchor=\"middle\">",
            x, y, size);
    write_escaped(svg->file, text);
    fprintf(svg->file, "</text>\n");
}

/* Bytes that continue a character of UTF-8 take no room. */
double bench_svg_text_width(const char *text, double size)
{
    int characters = 0;
    for (; *text; text++)
        characters += ((unsigned char)*text & 0xC0) != 0x80;
    return 0.62 * size * characters;
}

/* Scales ------------------------------------------------------------------------------------------------- */

/* The largest of 1, 2, 5 times a power of ten that is no more than x; or the next one. */
static double round_number(double x, bool upwards)
{
    static const double digits[] = {1, 2, 5, 10};
    double power = pow(10, floor(log10(x) + 1e-9)), best = power;
    for (int i = 0; i < 4; i++) {
        if (upwards && digits[i] * power >= x * (1 - 1e-9))
            return digits[i] * power;
        if (digits[i] * power <= x * (1 + 1e-9))
            best = digits[i] * power;
    }
    return best;
}

bench_scale bench_scale_make(double least, double most, double from, double to, bool logarithmic)
{
    bench_scale scale = {0, most > 0 ? most : 1, from, to, logarithmic};
    if (logarithmic) {
        scale.least = round_number(least, false);
        scale.most = round_number(most, true);
        if (scale.least == scale.most)
            scale.most *= 2;
    } else {
        double step = round_number(scale.most / 10, true);
        scale.most = step * ceil(scale.most / step - 1e-9);
    }
    return scale;
}

double bench_scale_at(const bench_scale *s, double value)
{
    double part = s->logarithmic ? log(value / s->least) / log(s->most / s->least)
                                 : (value - s->least) / (s->most - s->least);
    return s->from + part * (s->to - s->from);
}

/* 1, 2, 5, 10, … or, where these are too many, 1, 10, 100, … */
static int logarithmic_ticks(const bench_scale *s, double *ticks, int most)
{
    int decades = (int)ceil(log10(s->most / s->least)), count = 0;
    bool all = 3 * decades + 1 <= most;
    for (double at = s->least; at <= s->most * (1 + 1e-9) && count < most;) {
        ticks[count++] = at;
        at = all ? round_number(at * 1.5, true) : round_number(at * 5.5, true);
        if (!all)
            at = pow(10, ceil(log10(at) - 1e-9));
    }
    return count;
}

int bench_scale_ticks(const bench_scale *s, double *ticks, int most)
{
    int count = 0;
    if (s->logarithmic)
        return logarithmic_ticks(s, ticks, most);
    double step = round_number(s->most / most, true);
    for (double at = 0; at <= s->most * (1 + 1e-9) && count <= most; at += step)
        ticks[count++] = at;
    return count;
}

void bench_number_text(double number, char *text, int bytes)
{
    if (number != 0 && (number < 1e-3 || number >= 1e6))
        snprintf(text, (size_t)bytes, "%.0e", number);
    else
        snprintf(text, (size_t)bytes, "%.4g", number);
}
