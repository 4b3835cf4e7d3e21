/* What the stand-in and the driver share: where the head of a message ends, how long its body is,
   and how a chunked body is stepped over without copying it. */
#ifndef BENCH_HTTP_H
#define BENCH_HTTP_H

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { HEAD_MAX = 65536 };
enum step { SIZE, DATA, DATA_END, TRAILER, DONE };

struct body {
    int chunked;
    enum step step;
    uint64_t left; /* of the whole body, or of this chunk */
    uint64_t size; /* that is being read */
    int line;      /* characters in this line of the trailer */
    uint64_t seen; /* bytes of content so far */
};

static inline double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static inline void die(const char *what) {
    perror(what);
    exit(1);
}

/* The value of a header in a head that ends with a zero byte, or NULL. */
static inline const char *header(const char *head, const char *name) {
    size_t length = strlen(name);
    for (const char *at = strstr(head, "\r\n"); at; at = strstr(at, "\r\n")) {
        at += 2;
        if (!strncasecmp(at, name, length) && at[length] == ':') {
            at += length + 1;
            while (*at == ' ') at++;
            return at;
        }
    }
    return NULL;
}

static inline struct body body_of(const char *head) {
    struct body body = {0};
    const char *length = header(head, "content-length"), *coding = header(head, "transfer-encoding");
    body.chunked = coding && !strncasecmp(coding, "chunked", 7);
    body.left = length && !body.chunked ? strtoull(length, NULL, 10) : 0;
    body.step = body.chunked ? SIZE : body.left ? DATA : DONE;
    return body;
}

/* Steps over ``size`` bytes of a body; returns how many belonged to it. */
static inline size_t pass(struct body *body, const char *data, size_t size) {
    size_t at = 0;
    while (at < size && body->step != DONE) {
        if (body->step == DATA) {
            uint64_t taken = size - at < body->left ? size - at : body->left;
            at += taken;
            body->left -= taken;
            body->seen += taken;
            if (!body->left) body->step = body->chunked ? DATA_END : DONE;
            continue;
        }
        char letter = data[at++];
        if (body->step == DATA_END) {
            if (letter == '\n') body->step = SIZE;
        } else if (body->step == SIZE) {
            if (letter >= '0' && letter <= '9') body->size = body->size * 16 + letter - '0';
            else if ((letter | 32) >= 'a' && (letter | 32) <= 'f')
                body->size = body->size * 16 + (letter | 32) - 'a' + 10;
            else if (letter == '\n') {
                body->left = body->size;
                body->size = 0;
                body->line = 0;
                body->step = body->left ? DATA : TRAILER;
            }
        } else if (letter == '\n') {
            if (!body->line) body->step = DONE;
            body->line = 0;
        } else if (letter != '\r') {
            body->line++;
        }
    }
    return at;
}

#endif
