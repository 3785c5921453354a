#pragma once
#include <graphviz/cgraph.h>
#include <stdlib.h>
#include <string.h>

// Reading DOT from memory. cgraph's parser is process-wide state: callers read one text at a time.

// A text that cgraph reads in pieces.
typedef struct {
  const char *text;
  size_t length;
  size_t position;
} stepcast_text;

static inline int stepcast_text_read(void *channel, char *buffer, int size) {
  stepcast_text *source = (stepcast_text *)channel;
  size_t left = source->length - source->position;
  size_t count = left < (size_t)size ? left : (size_t)size;
  memcpy(buffer, source->text + source->position, count);
  source->position += count;
  return (int)count;
}

static inline int stepcast_text_put(void *channel, const char *text) {
  (void)channel;
  (void)text;
  return 0;
}

static inline int stepcast_text_flush(void *channel) {
  (void)channel;
  return 0;
}

// The first messages of cgraph, kept from standard error.
#define STEPCAST_MESSAGE_CAPACITY 2048
static char stepcast_messages[STEPCAST_MESSAGE_CAPACITY];
static size_t stepcast_messages_length;

static inline int stepcast_keep_message(char *message) {
  size_t room = STEPCAST_MESSAGE_CAPACITY - 1 - stepcast_messages_length;
  size_t count = strlen(message);
  if (count > room) count = room;
  memcpy(stepcast_messages + stepcast_messages_length, message, count);
  stepcast_messages_length += count;
  stepcast_messages[stepcast_messages_length] = 0;
  return 0;
}

// Reads all graphs of a text. Returns the first, or NULL; `count` is how many complete graphs there
// were, `errors` how many errors cgraph reported, `message` (of STEPCAST_MESSAGE_CAPACITY bytes) its
// words.
static inline Agraph_t *stepcast_read_dot(const char *text, size_t length, int *count, int *errors,
                                          char *message) {
  stepcast_text source = {text, length, 0};
  Agiodisc_t io = {stepcast_text_read, stepcast_text_put, stepcast_text_flush};
  Agdisc_t disc = {&AgMemDisc, &AgIdDisc, &io};
  stepcast_messages_length = 0;
  stepcast_messages[0] = 0;
  agusererrf previous = agseterrf(stepcast_keep_message);
  agreseterrors();
  agsetfile((char *)"text");
  Agraph_t *first = NULL;
  *count = 0;
  // cgraph keeps what follows a graph for its next read, so the text is read to its end even when
  // only the first graph is wanted.
  for (;;) {
    Agraph_t *graph = agread(&source, &disc);
    if (graph == NULL) {
      if (source.position >= source.length) break;
      continue;
    }
    *count += 1;
    if (first == NULL) first = graph;
    else agclose(graph);
  }
  *errors = agerrors();
  agseterrf(previous);
  memcpy(message, stepcast_messages, STEPCAST_MESSAGE_CAPACITY);
  return first;
}

// The order in which a node was created, from 1.
static inline size_t stepcast_node_sequence(Agnode_t *node) { return (size_t)AGSEQ(node); }

// Whether an attribute's text is HTML (written in angle brackets).
static inline int stepcast_is_html(char *text) { return aghtmlstr(text); }
