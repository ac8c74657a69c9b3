#include "peers/peer.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cases/names.h"

static const struct {
    const char *title, *package, *program;
    bool python;
} kinds[BENCH_PEERS] = {{"PyTorch", "python3-torch", "torch_peer.py", true},
                        {"oneDNN", "libdnnl-dev", "talus-bench-dnnl", false},
                        {"FANN", "libfann-dev", "talus-bench-fann", false},
                        {"scikit-learn", "python3-sklearn", "sklearn_peer.py", true}};

/* Starting ----------------------------------------------------------------------------------------------- */

/* Peers run over the OpenMP build of OpenBLAS where there is one: its threads are those of PyTorch. */
static void prefer_openmp_blas(void)
{
    glob_t found;
    if (glob("/usr/lib/*/openblas-openmp", 0, NULL, &found) == 0) {
        setenv("LD_LIBRARY_PATH", found.gl_pathv[0], 1);
        globfree(&found);
    }
}

static void find_program(int kind, char path[2 * BENCH_PATH])
{
    const char *directory = getenv("TALUS_BENCH_PEERS");
    if (!directory)
        directory = kinds[kind].python ? BENCH_PEER_SCRIPTS : BENCH_PEER_PROGRAMS;
    snprintf(path, 2 * BENCH_PATH, "%s/%s", directory, kinds[kind].program);
}

/* In the child: becomes the peer, with the pipes as its standard streams. */
static void become(const char *interpreter, const char *path, int in, int out)
{
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    prefer_openmp_blas();
    if (interpreter)
        execlp(interpreter, interpreter, "-W", "ignore", path, (char *)NULL);
    else
        execl(path, path, (char *)NULL);
    _exit(127);
}

static bool launch(bench_peer *peer, const char *interpreter, const char *path)
{
    int requests[2], answers[2];
    if (pipe2(requests, O_CLOEXEC) != 0)
        return false;
    if (pipe2(answers, O_CLOEXEC) != 0) {
        close(requests[0]);
        close(requests[1]);
        return false;
    }
    signal(SIGPIPE, SIG_IGN);
    peer->pid = fork();
    if (peer->pid == 0)
        become(interpreter, path, requests[0], answers[1]);
    close(requests[0]);
    close(answers[1]);
    peer->to = fdopen(requests[1], "w");
    peer->from = fdopen(answers[0], "r");
    return peer->pid > 0 && peer->to && peer->from;
}

/* Starts one and hears whether all it needs is there. */
static bool greet(bench_peer *peer, const char *interpreter, const char *path)
{
    char line[BENCH_LINE];
    bool good = access(path, R_OK) == 0 && launch(peer, interpreter, path) &&
                fgets(line, sizeof line, peer->from) && !strncmp(line, "peer ", 5);
    if (good)
        snprintf(peer->title, sizeof peer->title, "%.*s", (int)strcspn(line + 5, "\n"), line + 5);
    else
        bench_peer_stop(peer);
    return good;
}

bool bench_peer_start(int kind, bench_peer *peer)
{
    static const char *const interpreters[] = {"python3", "/usr/bin/python3"};
    char path[2 * BENCH_PATH];
    *peer = (bench_peer){.kind = kind};
    find_program(kind, path);
    for (int i = 0; i < 2 && kinds[kind].python; i++)
        if (greet(peer, interpreters[i], path))
            return true;
    if (!kinds[kind].python && greet(peer, NULL, path))
        return true;
    fprintf(stderr, "talus-bench compare: no %s here; the package %s provides it%s\n", kinds[kind].title,
            kinds[kind].package, kinds[kind].python ? "" : " (before talus-bench is built)");
    return false;
}

void bench_peer_stop(bench_peer *peer)
{
    int kind = peer->kind;
    if (peer->to)
        fclose(peer->to);
    if (peer->from)
        fclose(peer->from);
    if (peer->pid > 0)
        waitpid(peer->pid, NULL, 0);
    *peer = (bench_peer){.kind = kind};
}

/* Asking ------------------------------------------------------------------------------------------------- */

static bool exchange(bench_peer *peer, const char *line, char answer[BENCH_LINE])
{
    if (fprintf(peer->to, "%s\n", line) < 0 || fflush(peer->to) != 0 ||
        !fgets(answer, BENCH_LINE, peer->from)) {
        fprintf(stderr, "talus-bench: %s ended at \"%s\"\n", kinds[peer->kind].title, line);
        return false;
    }
    answer[strcspn(answer, "\n")] = '\0';
    return true;
}

/* What follows the first word, if it is this one; else NULL. */
static const char *after(const char *line, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(line, word, length) || (line[length] != ' ' && line[length] != '\0'))
        return NULL;
    return line + length + (line[length] == ' ');
}

bool bench_peer_ask(bench_peer *peer, const char *line, const char *wants, char answer[BENCH_LINE])
{
    char got[BENCH_LINE];
    if (!exchange(peer, line, got))
        return false;
    const char *rest = after(got, wants);
    if (!rest)
        fprintf(stderr, "talus-bench: %s answers \"%s\" to \"%s\"\n", kinds[peer->kind].title, got, line);
    else if (answer)
        snprintf(answer, BENCH_LINE, "%s", rest);
    return rest != NULL;
}

bench_taken bench_peer_case(bench_peer *peer, const bench_setup *setup, const talus_optimizer_spec *optimizer,
                            const char *directory, bool tune)
{
    char line[2 * BENCH_LINE], net[BENCH_LINE] = "", got[BENCH_LINE];
    int used = 0;
    naive_network naive = bench_setup_naive(setup);
    for (int l = 0; l <= setup->shape.L; l++)
        used += snprintf(net + used, sizeof net - (size_t)used, l ? "-%lld" : "%lld",
                         (long long)setup->shape.d[l]);
    snprintf(line, sizeof line,
             "case dir=%s net=%s batch=%lld activation=%s loss=%s method=%s rate=%.17g momentum=%.17g "
             "beta1=%.17g beta2=%.17g epsilon=%.17g precision=%s threads=%d tune=%d",
             directory, net, (long long)setup->n, talus_activation_name(setup->activation),
             naive.loss == TALUS_SQUARED_ERROR          ? "squared"
             : naive.loss == TALUS_BINARY_CROSS_ENTROPY ? "binary"
                                                        : "cross",
             bench_optimizer_name(setup->method), optimizer->rate, optimizer->momentum, optimizer->beta1,
             optimizer->beta2, optimizer->epsilon, talus_dtype_name(setup->precision), setup->threads, tune);
    if (!exchange(peer, line, got))
        return BENCH_BROKEN;
    const char *taken = after(got, "ok"), *refused = after(got, "no");
    snprintf(peer->setting, sizeof peer->setting, "%s", taken ? taken : refused ? refused : got);
    if (!taken && !refused)
        fprintf(stderr, "talus-bench: %s answers \"%s\" to a case\n", kinds[peer->kind].title, got);
    return taken ? BENCH_TAKEN : refused ? BENCH_REFUSED : BENCH_BROKEN;
}

/* Measuring ---------------------------------------------------------------------------------------------- */

double bench_peer_steps(void *context, int64_t repetitions)
{
    char line[BENCH_LINE], answer[BENCH_LINE];
    snprintf(line, sizeof line, "run %lld", (long long)repetitions);
    return bench_peer_ask(context, line, "seconds", answer) ? strtod(answer, NULL) : -1;
}

double bench_peer_epochs(void *context, int64_t repetitions)
{
    bench_peer *peer = context;
    char line[BENCH_LINE], answer[BENCH_LINE];
    double seconds;
    snprintf(line, sizeof line, "epochs %lld", (long long)repetitions);
    if (!bench_peer_ask(peer, line, "seconds", answer) ||
        sscanf(answer, "%lf accuracy %lf", &seconds, &peer->accuracy) != 2)
        return -1;
    return seconds;
}

/* Involuntary switches of all its threads that live. */
static long switches(pid_t pid)
{
    char pattern[64], line[BENCH_LINE];
    glob_t found;
    long sum = 0, number;
    snprintf(pattern, sizeof pattern, "/proc/%ld/task/*/status", (long)pid);
    if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        FILE *file = fopen(found.gl_pathv[i], "r");
        while (file && fgets(line, sizeof line, file))
            sum += sscanf(line, "nonvoluntary_ctxt_switches: %ld", &number) == 1 ? number : 0;
        if (file)
            fclose(file);
    }
    globfree(&found);
    return sum;
}

bench_usage bench_peer_usage(void *context)
{
    const bench_peer *peer = context;
    bench_usage usage = {0, switches(peer->pid)};
    struct timespec t;
    clockid_t clock;
    if (clock_getcpuclockid(peer->pid, &clock) == 0 && clock_gettime(clock, &t) == 0)
        usage.cpu = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    return usage;
}
