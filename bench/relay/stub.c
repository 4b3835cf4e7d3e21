/* A stand-in for Google on loopback, quick enough never to be the limit.

   stub PORT [CERTIFICATE KEY]
   Every request is answered with a body that was built beforehand: in Gemini's shape, or OpenAI's
   where the address is one of theirs; an address with ":stream" gets two server-sent events, the
   first of which says when it was sent. What is answered is set by
   GET /control?size=BYTES&delay=MS&gap=MS&length=0|1
   (size of the picture's text; delay before an answer; gap between the two events; whether a
   stream has a length instead of chunks). Prints a line when it listens. */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

enum { CONNECTIONS = 4096, READ = 1 << 20, STAMP = 19 };

struct text {
    char *data;
    size_t size;
};

struct connection {
    int fd, waits_to_write, in_body;
    char head[HEAD_MAX];
    size_t head_size;
    struct body body;
    struct iovec out[4];
    int pieces, piece;
    double due; /* when to go on; 0 for at once */
    int second; /* the second event is still to be sent */
    char lead[600];
#ifdef WITH_TLS
    SSL *tls;
    int greeted;
#endif
};

static struct connection *connections[CONNECTIONS];
static struct text gemini, images, chat, event_two;
static double delay, gap;
static int with_length, waiting, epoll;
static char stamp_event[2048];
static size_t stamp_size, stamp_at;

static const char *const BEFORE =
    "{\n  \"candidates\": [\n    {\n      \"content\": {\n        \"parts\": [\n          {\n"
    "            \"inlineData\": {\n              \"mimeType\": \"image/png\",\n"
    "              \"data\": \"";
static const char *const AFTER =
    "\"\n            }\n          }\n        ],\n        \"role\": \"model\"\n      },\n"
    "      \"finishReason\": \"STOP\",\n      \"index\": 0\n    }\n  ],\n"
    "  \"usageMetadata\": {\n    \"promptTokenCount\": 12,\n    \"candidatesTokenCount\": 1120,\n"
    "    \"totalTokenCount\": 1132,\n    \"promptTokensDetails\": [\n      {\n"
    "        \"modality\": \"TEXT\",\n        \"tokenCount\": 12\n      }\n    ],\n"
    "    \"candidatesTokensDetails\": [\n      {\n        \"modality\": \"IMAGE\",\n"
    "        \"tokenCount\": 1120\n      }\n    ]\n  },\n"
    "  \"modelVersion\": \"gemini-3-pro-image\",\n  \"responseId\": \"c3R1YnN0dWJzdHVi\"\n}\n";
static const char *const EVENT_BEFORE =
    "data: {\"candidates\": [{\"content\": {\"parts\": [{\"inlineData\": {\"mimeType\": "
    "\"image/png\",\"data\": \"";
static const char *const EVENT_AFTER =
    "\"}}],\"role\": \"model\"},\"finishReason\": \"STOP\",\"index\": 0}],\"usageMetadata\": "
    "{\"promptTokenCount\": 12,\"candidatesTokenCount\": 1120,\"totalTokenCount\": 1132,"
    "\"promptTokensDetails\": [{\"modality\": \"TEXT\",\"tokenCount\": 12}],"
    "\"candidatesTokensDetails\": [{\"modality\": \"IMAGE\",\"tokenCount\": 1120}]},"
    "\"modelVersion\": \"gemini-3-pro-image\",\"responseId\": \"c3R1YnN0dWJzdHVi\"}\r\n\r\n";

/* A text with ``size`` letters of base64 in its middle: the magic bytes of a PNG, then noise. */
static struct text made(const char *before, size_t size, const char *after) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t first = strlen(before), last = strlen(after);
    struct text text = {malloc(first + size + last), first + size + last};
    uint64_t noise = 88172645463325252ULL;
    memcpy(text.data, before, first);
    for (size_t at = 0; at < size; at++) {
        noise ^= noise << 13, noise ^= noise >> 7, noise ^= noise << 17;
        text.data[first + at] = alphabet[noise & 63];
    }
    memcpy(text.data + first, "iVBORw0KGgoA", size < 12 ? size : 12);
    memcpy(text.data + first + size, after, last);
    return text;
}

static void build(size_t size) {
    static size_t built = 0;
    if (built == size) return;
    built = size;
    free(gemini.data), free(images.data), free(chat.data), free(event_two.data);
    gemini = made(BEFORE, size, AFTER);
    event_two = made(EVENT_BEFORE, size, EVENT_AFTER);
    images = made("{\"created\": 1790000000, \"data\": [{\"b64_json\": \"", size,
                  "\"}], \"usage\": {\"input_tokens\": 12, \"output_tokens\": 1120, "
                  "\"total_tokens\": 1132}}\n");
    chat = made("{\"id\": \"chatcmpl-stub\", \"object\": \"chat.completion\", \"created\": 1790000000,"
                " \"model\": \"stub\", \"choices\": [{\"index\": 0, \"finish_reason\": \"stop\", "
                "\"message\": {\"role\": \"assistant\", \"content\": \"",
                size,
                "\"}}], \"usage\": {\"prompt_tokens\": 12, \"completion_tokens\": 1120, "
                "\"total_tokens\": 1132}}\n");
}

static void build_first_event(void) {
    const char *before = "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"stamp:";
    stamp_size = snprintf(stamp_event, sizeof stamp_event,
                          "%s%0*d\"}],\"role\": \"model\"},\"index\": 0}],\"usageMetadata\": "
                          "{\"promptTokenCount\": 12,\"totalTokenCount\": 12},\"modelVersion\": "
                          "\"gemini-3-pro-image\",\"responseId\": \"c3R1YnN0dWJzdHVi\"}\r\n\r\n",
                          before, STAMP, 0);
    stamp_at = strlen(before);
}

static void watch(struct connection *one, int writing) {
    if (one->waits_to_write == writing) return;
    one->waits_to_write = writing;
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.fd = one->fd};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, one->fd, &event)) die("epoll_ctl");
}

static void hang_up(struct connection *one) {
    if (one->due) waiting--;
#ifdef WITH_TLS
    if (one->tls) SSL_free(one->tls);
#endif
    connections[one->fd] = NULL;
    close(one->fd);
    free(one);
}

static ssize_t take(struct connection *one, char *into, size_t size) {
#ifdef WITH_TLS
    if (one->tls) {
        ERR_clear_error();
        int got = SSL_read(one->tls, into, size > 1 << 30 ? 1 << 30 : size);
        if (got > 0) return got;
        int why = SSL_get_error(one->tls, got);
        errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
        return why == SSL_ERROR_ZERO_RETURN ? 0 : -1;
    }
#endif
    return read(one->fd, into, size);
}

static ssize_t put(struct connection *one, struct iovec *pieces, int count) {
#ifdef WITH_TLS
    if (one->tls) {
        ERR_clear_error();
        int sent = SSL_write(one->tls, pieces[0].iov_base, pieces[0].iov_len);
        if (sent > 0) return sent;
        int why = SSL_get_error(one->tls, sent);
        errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
        return -1;
    }
#endif
    return writev(one->fd, pieces, count);
}

static void ready(struct connection *one);

/* Writes what there is; returns 0 where the connection is gone. */
static int flow(struct connection *one) {
    while (one->piece < one->pieces) {
        ssize_t sent = put(one, one->out + one->piece, one->pieces - one->piece);
        if (sent < 0) {
            if (errno == EAGAIN) {
                watch(one, 1);
                return 1;
            }
            hang_up(one);
            return 0;
        }
        while (sent > 0) {
            struct iovec *piece = one->out + one->piece;
            size_t part = (size_t)sent < piece->iov_len ? (size_t)sent : piece->iov_len;
            piece->iov_base = (char *)piece->iov_base + part;
            piece->iov_len -= part;
            sent -= part;
            if (!piece->iov_len) one->piece++;
        }
    }
    watch(one, 0);
    if (one->second) {
        one->due = now() + gap;
        waiting++;
    }
    return 1;
}

static void add(struct connection *one, const void *data, size_t size) {
    one->out[one->pieces++] = (struct iovec){(void *)data, size};
}

static void first_event(struct connection *one) {
    char *lead = one->lead;
    size_t whole = stamp_size + event_two.size;
    int at = snprintf(lead, 300, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n");
    if (with_length) at += sprintf(lead + at, "content-length: %zu\r\n\r\n", whole);
    else at += sprintf(lead + at, "transfer-encoding: chunked\r\n\r\n%zx\r\n", stamp_size);
    struct timespec at_now;
    clock_gettime(CLOCK_MONOTONIC, &at_now);
    char stamp[STAMP + 1];
    snprintf(stamp, sizeof stamp, "%0*lld", STAMP,
             (long long)at_now.tv_sec * 1000000000 + at_now.tv_nsec);
    static char event[4096]; /* one write: it is on its way before the next one is made */
    memcpy(event, lead, at);
    memcpy(event + at, stamp_event, stamp_size);
    memcpy(event + at + stamp_at, stamp, STAMP);
    size_t size = at + stamp_size;
    if (!with_length) memcpy(event + size, "\r\n", 2), size += 2;
    add(one, event, size);
    one->second = 1;
}

static void second_event(struct connection *one) {
    one->pieces = one->piece = one->second = 0;
    if (!with_length) add(one, one->lead, sprintf(one->lead, "%zx\r\n", event_two.size));
    add(one, event_two.data, event_two.size);
    if (!with_length) add(one, "\r\n0\r\n\r\n", 7);
}

static void unary(struct connection *one) {
    struct text text = strstr(one->head, "/images/")            ? images
                       : strstr(one->head, "/chat/completions") ? chat
                                                                : gemini;
    add(one, one->lead,
        snprintf(one->lead, sizeof one->lead,
                 "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\n"
                 "content-length: %zu\r\n\r\n",
                 text.size));
    add(one, text.data, text.size);
}

static void control(struct connection *one, const char *query) {
    const char *found;
    if ((found = strstr(query, "size="))) build(strtoull(found + 5, NULL, 10));
    if ((found = strstr(query, "delay="))) delay = atof(found + 6) / 1000;
    if ((found = strstr(query, "gap="))) gap = atof(found + 4) / 1000;
    if ((found = strstr(query, "length="))) with_length = atoi(found + 7);
    add(one, one->lead,
        snprintf(one->lead, sizeof one->lead,
                 "HTTP/1.1 200 OK\r\ncontent-length: 21\r\n\r\n%020zu\n", gemini.size));
}

/* A request is here: answers it now, or when its delay is over. */
static void ready(struct connection *one) {
    char *end = strstr(one->head, "\r\n");
    if (end) *end = 0;
    one->pieces = one->piece = one->second = 0;
    const char *query = strstr(one->head, " /control?");
    if (query) {
        control(one, query);
    } else if (strstr(one->head, ":stream")) {
        first_event(one);
    } else if (delay) {
        one->due = now() + delay;
        waiting++;
    } else {
        unary(one);
    }
    if (!one->due) flow(one);
}

static void wake(struct connection *one) {
    one->due = 0;
    waiting--;
    if (one->second) second_event(one);
    else unary(one);
    flow(one);
}

/* Reads what is there; several requests at once are not sent by anybody here. */
static void hear(struct connection *one) {
    static char buffer[READ];
    for (;;) {
        ssize_t got = take(one, buffer, sizeof buffer);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) {
            hang_up(one);
            return;
        }
        size_t used = 0;
        if (!one->in_body) {
            size_t room = HEAD_MAX - 1 - one->head_size;
            size_t added = (size_t)got < room ? (size_t)got : room, before = one->head_size;
            memcpy(one->head + one->head_size, buffer, added);
            one->head[one->head_size += added] = 0;
            char *end = strstr(one->head, "\r\n\r\n");
            if (!end) continue;
            end[2] = 0;
            used = end + 4 - one->head - before;
            one->body = body_of(one->head);
            one->in_body = 1;
        }
        pass(&one->body, buffer + used, got - used);
        if (one->body.step == DONE) {
            one->in_body = 0;
            one->head_size = 0;
            ready(one);
            return;
        }
    }
}

static int shake_hands(struct connection *one) {
#ifdef WITH_TLS
    if (one->tls && !one->greeted) {
        ERR_clear_error();
        int done = SSL_accept(one->tls);
        if (done == 1) {
            one->greeted = 1;
            return 1;
        }
        int why = SSL_get_error(one->tls, done);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) hang_up(one);
        return 0;
    }
#else
    (void)one;
#endif
    return 1;
}

static void welcome(int listener, void *tls) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), yes = 1;
    if (fd < 0) return;
    if (fd >= CONNECTIONS) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct connection *one = connections[fd] = calloc(1, sizeof *one);
    one->fd = fd;
#ifdef WITH_TLS
    if (tls) {
        one->tls = SSL_new(tls);
        SSL_set_fd(one->tls, fd);
    }
#else
    (void)tls;
#endif
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
}

static int listening(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 1024)) die("listen");
    return fd;
}

static int until_next(void) {
    if (!waiting) return -1;
    double next = 1e18, moment = now();
    for (int fd = 0; fd < CONNECTIONS; fd++)
        if (connections[fd] && connections[fd]->due && connections[fd]->due < next)
            next = connections[fd]->due;
    return next <= moment ? 0 : (int)((next - moment) * 1000) + 1;
}

static void *tls_of(int count, char **given) {
    if (count < 4) return NULL;
#ifdef WITH_TLS
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_use_certificate_chain_file(tls, given[2]) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, given[3], SSL_FILETYPE_PEM) != 1)
        die("certificate");
    return tls;
#else
    (void)given;
    fprintf(stderr, "built without TLS\n");
    exit(1);
#endif
}

int main(int count, char **given) {
    signal(SIGPIPE, SIG_IGN);
    if (count < 2) return 2;
    void *tls = tls_of(count, given);
    int listener = listening(atoi(given[1]));
    epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    build(2000);
    build_first_event();
    puts("listening");
    fflush(stdout);
    for (;;) {
        int found = epoll_wait(epoll, events, 256, until_next());
        for (int index = 0; index < found; index++) {
            int fd = events[index].data.fd;
            if (fd == listener) {
                welcome(listener, tls);
                continue;
            }
            struct connection *one = connections[fd];
            if (!one || !shake_hands(one)) continue;
            if (events[index].events & EPOLLOUT && !flow(one)) continue;
            if (events[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(one);
        }
        double moment = now();
        for (int fd = 0; waiting && fd < CONNECTIONS; fd++)
            if (connections[fd] && connections[fd]->due && connections[fd]->due <= moment)
                wake(connections[fd]);
    }
}
