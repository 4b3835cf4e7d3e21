/* Asks a server on loopback the same thing over and over, and tells how that went, as JSON.

   driver PORT CONNECTIONS REQUESTS SECONDS EXPECTED FILE
   FILE is a whole HTTP request. Each connection asks again as soon as it was answered, until
   REQUESTS were answered (0: no limit) or SECONDS have passed. An answer that is not 200, that
   breaks off or whose body is not EXPECTED bytes long (0: any length) counts as failed. Where the
   body begins with a stamp ("stamp:" and nanoseconds), ``held`` is how long it was on its way. */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 4096, READ = 1 << 20, PATIENCE = 150 };

struct connection {
    int fd, in_body, writes;
    size_t sent, head_size;
    char head[HEAD_MAX];
    struct body body;
    double began, first, held;
    int status;
};

struct answer {
    double whole, first, held;
};

static struct connection *connections[CONNECTIONS];
static struct answer *answers;
static size_t answered, room, failed, asked, limit, expected, received;
static char *request;
static size_t request_size;
static int port, open_connections, epoll;
static double started, ends;

static void connect_one(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&at, sizeof at)) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct connection *one = connections[fd] = calloc(1, sizeof *one);
    one->fd = fd;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
    open_connections++;
}

static void close_one(struct connection *one) {
    connections[one->fd] = NULL;
    close(one->fd);
    free(one);
    open_connections--;
}

static void watch(struct connection *one, int writes) {
    if (one->writes == writes) return;
    one->writes = writes;
    struct epoll_event event = {.events = EPOLLIN | (writes ? EPOLLOUT : 0), .data.fd = one->fd};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, one->fd, &event)) die("epoll_ctl");
}

static void flow(struct connection *one) {
    while (one->sent < request_size) {
        ssize_t sent = send(one->fd, request + one->sent, request_size - one->sent, MSG_DONTWAIT);
        if (sent < 0) {
            watch(one, errno == EAGAIN);
            return;
        }
        one->sent += sent;
    }
    watch(one, 0);
}

static int over(void) {
    return (limit && asked >= limit) || now() >= ends;
}

static void ask(struct connection *one) {
    asked++;
    one->began = now();
    one->sent = one->head_size = one->in_body = one->status = 0;
    one->first = one->held = 0;
    flow(one);
}

static void fail(struct connection *one, const char *why) {
    if (failed++ < 3)
        fprintf(stderr, "failed: %s, status %d, %llu bytes of body\n%.600s\n", why, one->status,
                (unsigned long long)one->body.seen, one->head);
}

static void finish(struct connection *one) {
    if (one->status != 200 || (expected && one->body.seen != expected)) {
        fail(one, "not what was expected");
    } else {
        if (answered == room) answers = realloc(answers, (room = room * 2 + 1024) * sizeof *answers);
        double whole = now() - one->began;
        answers[answered++] = (struct answer){whole, one->first - one->began, one->held};
        received += one->body.seen;
    }
    const char *connection = header(one->head, "connection");
    if (connection && !strncasecmp(connection, "close", 5)) {
        close_one(one);
        if (!over()) connect_one();
        for (int fd = 0; fd < CONNECTIONS; fd++)
            if (connections[fd] && !connections[fd]->began) ask(connections[fd]);
    } else if (over()) {
        close_one(one);
    } else {
        ask(one);
    }
}

static void look_for_stamp(struct connection *one, char *data, size_t size, double moment) {
    char *found = memmem(data, size < 4096 ? size : 4096, "stamp:", 6);
    if (found && found + 25 <= data + size) one->held = moment - strtoull(found + 6, NULL, 10) / 1e9;
}

/* Reads one buffer; an answer is over when its body is. */
static void hear(struct connection *one) {
    static char buffer[READ + 1];
    ssize_t got = recv(one->fd, buffer, READ, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        if (one->sent) fail(one, "the connection was closed");
        close_one(one);
        return;
    }
    size_t used = 0;
    double moment = now();
    if (!one->in_body) {
        size_t free_bytes = HEAD_MAX - 1 - one->head_size, before = one->head_size;
        size_t added = (size_t)got < free_bytes ? (size_t)got : free_bytes;
        memcpy(one->head + one->head_size, buffer, added);
        one->head[one->head_size += added] = 0;
        char *end = strstr(one->head, "\r\n\r\n");
        if (!end) return;
        end[2] = 0;
        used = end + 4 - one->head - before;
        one->status = atoi(one->head + 9);
        one->body = body_of(one->head);
        one->in_body = 1;
    }
    if (!one->first && used < (size_t)got) one->first = moment;
    buffer[got] = 0;
    if (!one->held) look_for_stamp(one, buffer + used, got - used, moment);
    pass(&one->body, buffer + used, got - used);
    if (one->body.step == DONE) finish(one);
}

static int by_whole(const void *a, const void *b) {
    double x = ((const struct answer *)a)->whole, y = ((const struct answer *)b)->whole;
    return (x > y) - (x < y);
}

static int by_first(const void *a, const void *b) {
    double x = ((const struct answer *)a)->first, y = ((const struct answer *)b)->first;
    return (x > y) - (x < y);
}

static int by_held(const void *a, const void *b) {
    double x = ((const struct answer *)a)->held, y = ((const struct answer *)b)->held;
    return (x > y) - (x < y);
}

static void tell(double seconds) {
    struct answer none = {0}, p50, p95, last;
    size_t count = answered;
    qsort(answers, count, sizeof *answers, by_whole);
    p50 = count ? answers[count / 2] : none, p95 = count ? answers[count * 95 / 100] : none;
    last = count ? answers[count - 1] : none;
    printf("{\"answered\": %zu, \"failed\": %zu, \"seconds\": %.6f, \"bytes\": %zu, "
           "\"p50\": %.6f, \"p95\": %.6f, \"last\": %.6f, ",
           count, failed, seconds, received, p50.whole, p95.whole, last.whole);
    qsort(answers, count, sizeof *answers, by_first);
    printf("\"first\": %.6f, ", count ? answers[count / 2].first : 0);
    qsort(answers, count, sizeof *answers, by_held);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("\"held\": %.6f, \"own_cpu\": %.6f}\n", count ? answers[count / 2].held : 0,
           used.ru_utime.tv_sec + used.ru_stime.tv_sec +
               (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
}

static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    fseek(file, 0, SEEK_END);
    request_size = ftell(file);
    rewind(file);
    request = malloc(request_size);
    if (fread(request, 1, request_size, file) != request_size) die(path);
    fclose(file);
}

int main(int count, char **given) {
    if (count < 7) return 2;
    signal(SIGPIPE, SIG_IGN);
    port = atoi(given[1]);
    limit = strtoull(given[3], NULL, 10);
    expected = strtoull(given[5], NULL, 10);
    load(given[6]);
    epoll = epoll_create1(0);
    for (int number = atoi(given[2]); number > 0; number--) connect_one();
    started = now();
    ends = started + atof(given[4]);
    for (int fd = 0; fd < CONNECTIONS; fd++)
        if (connections[fd]) ask(connections[fd]);
    struct epoll_event events[256];
    while (open_connections) {
        int found = epoll_wait(epoll, events, 256, 1000);
        for (int index = 0; index < found; index++) {
            struct connection *one = connections[events[index].data.fd];
            if (one && events[index].events & EPOLLOUT) flow(one);
            if (one && events[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(one);
        }
        if (now() > ends + PATIENCE) {
            failed += open_connections;
            break;
        }
    }
    tell(now() - started);
}
