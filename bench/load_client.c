/* Sends prepared HTTP/1.1 requests over keep-alive connections and measures each answer.
   usage: load_client PORT FILE CONNECTIONS RATE     (RATE 0: as fast as answers come back)
   FILE holds requests one after another, each as a 32-bit little-endian length and its bytes.
   At a given rate latency counts from the moment a request was due, so that waiting in line is not forgotten.
   Prints one JSON object. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_CONNECTIONS 1024
#define BUFFER 65536

typedef struct { const char *bytes; uint32_t size; } Request;
typedef struct {
    int fd;
    long request; /* -1: idle */
    size_t sent, got, wanted;
    char buffer[BUFFER];
} Connection;

static Connection connections[MOST_CONNECTIONS];
static Request *requests;
static double *due, *latency;
static long total, next_request, finished, statuses[600];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) { perror(what); exit(1); }

static void load(const char *path) {
    int fd = open(path, O_RDONLY);
    struct stat info;
    if (fd < 0 || fstat(fd, &info)) fail(path);
    const char *all = mmap(NULL, info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (all == MAP_FAILED) fail("mmap");
    long room = 0;
    for (off_t at = 0; at < info.st_size;) {
        uint32_t size;
        memcpy(&size, all + at, 4);
        if (total == room) requests = realloc(requests, (room = room ? room * 2 : 1024) * sizeof(Request));
        requests[total].bytes = all + at + 4;
        requests[total++].size = size;
        at += 4 + size;
    }
    due = calloc(total, sizeof(double));
    latency = calloc(total, sizeof(double));
}

static void open_connection(Connection *c, int port, int poll) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    int on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &event);
    c->request = -1;
}

static void watch(Connection *c, int poll, int writing) {
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(poll, EPOLL_CTL_MOD, c->fd, &event);
}

static void push(Connection *c, int poll) {
    Request *r = &requests[c->request];
    while (c->sent < r->size) {
        ssize_t n = write(c->fd, r->bytes + c->sent, r->size - c->sent);
        if (n < 0 && errno == EAGAIN) { watch(c, poll, 1); return; }
        if (n < 0) fail("write");
        c->sent += n;
    }
    watch(c, poll, 0);
}

static void begin(Connection *c, int poll, double since) {
    c->request = next_request++;
    c->sent = c->got = c->wanted = 0;
    due[c->request] = since;
    Request *r = &requests[c->request];
    ssize_t n = write(c->fd, r->bytes, r->size);
    if (n > 0) c->sent = n;
    if (c->sent < r->size) push(c, poll);
}

/* Returns 1 once the answer is complete. */
static int pull(Connection *c) {
    ssize_t n = read(c->fd, c->buffer + c->got, BUFFER - 1 - c->got);
    if (n < 0 && errno == EAGAIN) return 0;
    if (n <= 0) { fprintf(stderr, "the server hung up\n"); exit(1); }
    c->got += n;
    c->buffer[c->got] = 0;
    if (!c->wanted) {
        char *end = strstr(c->buffer, "\r\n\r\n"), *length = strcasestr(c->buffer, "content-length:");
        if (!end) return 0;
        c->wanted = (end - c->buffer) + 4 + (length ? strtoul(length + 15, NULL, 10) : 0);
    }
    return c->got >= c->wanted;
}

static void finish(Connection *c) {
    latency[c->request] = now() - due[c->request];
    statuses[strtol(c->buffer + 9, NULL, 10) % 600]++;
    c->request = -1;
    finished++;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void run(int count, double rate, int poll) {
    struct epoll_event events[MOST_CONNECTIONS];
    double start = now();
    while (finished < total) {
        double moment = now();
        for (int i = 0; i < count && next_request < total; i++) {
            double since = rate ? start + next_request / rate : moment;
            if (since > moment) break;
            if (connections[i].request < 0) begin(&connections[i], poll, since);
        }
        double wait = rate && next_request < total ? start + next_request / rate - now() : 1;
        int n = epoll_wait(poll, events, MOST_CONNECTIONS, wait <= 0 ? 0 : wait < 0.001 ? 0 : (int)(wait * 1000));
        for (int i = 0; i < n; i++) {
            Connection *c = events[i].data.ptr;
            if (events[i].events & EPOLLOUT && c->request >= 0) push(c, poll);
            if (events[i].events & EPOLLIN && c->request >= 0 && pull(c)) finish(c);
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 5) { fprintf(stderr, "usage: load_client PORT FILE CONNECTIONS RATE\n"); return 2; }
    int count = atoi(argv[3]), poll = epoll_create1(0);
    if (count > MOST_CONNECTIONS) count = MOST_CONNECTIONS;
    load(argv[2]);
    for (int i = 0; i < count; i++) open_connection(&connections[i], atoi(argv[1]), poll);
    double start = now();
    run(count, atof(argv[4]), poll);
    double seconds = now() - start;
    qsort(latency, total, sizeof(double), compare);
    printf("{\"count\": %ld, \"seconds\": %.4f, \"per_second\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, ",
           total, seconds, total / seconds, latency[total / 2] * 1e3, latency[total * 99 / 100] * 1e3,
           latency[total - 1] * 1e3);
    printf("\"statuses\": {");
    for (int i = 0, first = 1; i < 600; i++)
        if (statuses[i]) { printf("%s\"%d\": %ld", first ? "" : ", ", i, statuses[i]); first = 0; }
    printf("}}\n");
    return 0;
}
