#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double peer_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void peer_must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

void *peer_zeros(size_t count, size_t bytes)
{
    void *memory = calloc(count, bytes);
    peer_must(memory != NULL, "no memory");
    return memory;
}

/* Files -------------------------------------------------------------------------------------------------- */

static void transfer(const peer_case *c, const char *name, void *data, size_t count, size_t bytes, bool write)
{
    char path[2 * PEER_TEXT];
    snprintf(path, sizeof path, "%s/%s", c->dir, name);
    FILE *file = fopen(path, write ? "wb" : "rb");
    peer_must(file != NULL, path);
    size_t done = write ? fwrite(data, bytes, count, file) : fread(data, bytes, count, file);
    peer_must(fclose(file) == 0 && done == count, path);
}

static void *read_array(const peer_case *c, const char *name, size_t count, size_t bytes)
{
    void *data = peer_zeros(count, bytes);
    transfer(c, name, data, count, bytes, false);
    return data;
}

static void write_array(const peer_case *c, const char *name, float *data, size_t count)
{
    transfer(c, name, data, count, sizeof *data, true);
    free(data);
}

/* Cases -------------------------------------------------------------------------------------------------- */

static void parse_net(peer_case *c, const char *text)
{
    char *end;
    c->L = -1;
    do {
        peer_must(c->L < PEER_LAYERS, "too many layers");
        c->d[++c->L] = strtoll(text, &end, 10);
        text = end + 1;
    } while (*end == '-');
}

/* Takes a word such as batch=128. */
static void parse_word(peer_case *c, char *word)
{
    char *value = strchr(word, '=');
    if (!value)
        return;
    *value++ = '\0';
    const struct {
        const char *key;
        char *text;
        size_t room;
    } texts[] = {{"dir", c->dir, sizeof c->dir},
                 {"activation", c->activation, sizeof c->activation},
                 {"loss", c->loss, sizeof c->loss},
                 {"method", c->method, sizeof c->method},
                 {"precision", c->precision, sizeof c->precision}};
    const struct {
        const char *key;
        double *number;
    } numbers[] = {{"rate", &c->rate},
                   {"momentum", &c->momentum},
                   {"beta1", &c->beta1},
                   {"beta2", &c->beta2},
                   {"epsilon", &c->epsilon}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!strcmp(word, texts[i].key))
            snprintf(texts[i].text, texts[i].room, "%s", value);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!strcmp(word, numbers[i].key))
            *numbers[i].number = strtod(value, NULL);
    if (!strcmp(word, "net"))
        parse_net(c, value);
    else if (!strcmp(word, "batch"))
        c->n = strtoll(value, NULL, 10);
    else if (!strcmp(word, "threads"))
        c->threads = (int)strtol(value, NULL, 10);
    else if (!strcmp(word, "tune"))
        c->tune = value[0] == '1';
}

static void forget(peer_case *c)
{
    free(c->theta);
    free(c->X);
    free(c->Y);
    free(c->label);
    *c = (peer_case){0};
}

static void take_case(const peer *p, peer_case *c)
{
    char text[PEER_TEXT] = "";
    forget(c);
    for (char *word = strtok(NULL, " \n"); word; word = strtok(NULL, " \n"))
        parse_word(c, word);
    if (strcmp(c->precision, "f32") != 0) {
        printf("no it is built for f32\n");
        return;
    }
    for (int l = 1; l <= c->L; l++)
        c->count += (size_t)(c->d[l] * (c->d[l - 1] + 1));
    c->theta = read_array(c, "parameters.bin", c->count, sizeof(float));
    c->X = read_array(c, "inputs.bin", (size_t)(c->n * c->d[0]), sizeof(float));
    if (!strcmp(c->loss, "squared"))
        c->Y = read_array(c, "targets.bin", (size_t)(c->n * c->d[c->L]), sizeof(float));
    else
        c->label = read_array(c, "targets.bin", (size_t)c->n, sizeof(int32_t));
    bool taken = p->start(c, text);
    printf("%s %s\n", taken ? "ok" : "no", text);
}

/* Requests ----------------------------------------------------------------------------------------------- */

static void predict(const peer *p, const peer_case *c)
{
    size_t count = (size_t)(c->n * c->d[c->L]);
    float *outputs = peer_zeros(count, sizeof *outputs);
    p->predict(outputs);
    write_array(c, "outputs.out", outputs, count);
    printf("ok\n");
}

static void step(const peer *p, const peer_case *c)
{
    double cost = p->step();
    float *theta = peer_zeros(c->count, sizeof *theta);
    p->parameters(theta);
    write_array(c, "parameters.out", theta, c->count);
    printf("cost %.17g\n", cost);
}

static void run(const peer *p, long long count)
{
    double start = peer_now();
    for (long long i = 0; i < count; i++)
        p->step();
    printf("seconds %.9g\n", peer_now() - start);
}

int peer_serve(const peer *p)
{
    char line[4 * PEER_TEXT];
    peer_case c = {0};
    printf("peer %s\n", p->title);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        const char *request = strtok(line, " \n"), *count;
        if (request && !strcmp(request, "case"))
            take_case(p, &c);
        else if (request && !strcmp(request, "predict"))
            predict(p, &c);
        else if (request && !strcmp(request, "step"))
            step(p, &c);
        else if (request && !strcmp(request, "run") && (count = strtok(NULL, " \n")) != NULL)
            run(p, strtoll(count, NULL, 10));
        else
            printf("no such request\n");
        fflush(stdout);
    }
    forget(&c);
    return 0;
}
