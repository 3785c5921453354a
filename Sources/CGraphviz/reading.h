#pragma once
#include <graphviz/cgraph.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// Reading DOT from memory. cgraph's parser is process-wide state: one lock lets one thread at a time
// use Graphviz, wherever in the process.

/// Weak and in a function: Swift emits no variables of headers, and every module that imports this one
/// must come to the same lock.
__attribute__((weak, noinline)) pthread_mutex_t *stepcast_graphviz_gate(void) {
  static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
  return &gate;
}

static inline void stepcast_enter_graphviz(void) { pthread_mutex_lock(stepcast_graphviz_gate()); }

static inline void stepcast_leave_graphviz(void) { pthread_mutex_unlock(stepcast_graphviz_gate()); }

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
typedef struct {
  char text[STEPCAST_MESSAGE_CAPACITY];
  size_t length;
} stepcast_kept_messages;

// cgraph's callback has no argument for us, so there is one place for messages, under the lock.
static inline stepcast_kept_messages *stepcast_messages(void) {
  static stepcast_kept_messages messages;
  return &messages;
}

static inline int stepcast_keep_message(char *message) {
  stepcast_kept_messages *kept = stepcast_messages();
  size_t room = STEPCAST_MESSAGE_CAPACITY - 1 - kept->length;
  size_t count = strlen(message);
  if (count > room) count = room;
  memcpy(kept->text + kept->length, message, count);
  kept->length += count;
  kept->text[kept->length] = 0;
  return 0;
}

// Reads all graphs of a text. Returns the first, or NULL; `count` is how many complete graphs there
// were, `errors` how many errors cgraph reported, `message` (of STEPCAST_MESSAGE_CAPACITY bytes) its
// words. The caller holds the lock until it has closed the graph: even closing one uses shared state.
static inline Agraph_t *stepcast_read_dot(const char *text, size_t length, int *count, int *errors,
                                          char *message) {
  // Static, because an open graph keeps pointing to it.
  static Agiodisc_t io = {stepcast_text_read, stepcast_text_put, stepcast_text_flush};
  Agdisc_t disc = {&AgMemDisc, &AgIdDisc, &io};
  stepcast_text source = {text, length, 0};
  agusererrf previous = agseterrf(stepcast_keep_message);
  agerrlevel_t level = agseterr(AGERR);
  stepcast_messages()->length = 0;
  stepcast_messages()->text[0] = 0;
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
  agseterr(level);
  memcpy(message, stepcast_messages()->text, STEPCAST_MESSAGE_CAPACITY);
  return first;
}

// What names an attribute of nodes, or NULL where no node has it.
static inline Agsym_t *stepcast_node_attribute(Agraph_t *graph, const char *name) {
  return agattr(graph, AGNODE, (char *)name, NULL);
}

// The label that a subgraph states itself, or NULL: a default label of the graph is not its own.
static inline char *stepcast_own_label(Agraph_t *subgraph) {
  char *label = agget(subgraph, (char *)"label");
  if (label == NULL || *label == 0) return NULL;
  Agraph_t *parent = agparent(subgraph);
  char *outer = parent == NULL ? NULL : agget(parent, (char *)"label");
  return outer != NULL && strcmp(label, outer) == 0 ? NULL : label;
}

// The node that an edge leads to.
static inline Agnode_t *stepcast_edge_head(Agedge_t *edge) { return aghead(edge); }

static inline size_t stepcast_text_length(const char *text) { return strlen(text); }

// The order in which a node was created, from 1.
static inline size_t stepcast_node_sequence(Agnode_t *node) { return (size_t)AGSEQ(node); }

// Whether an attribute's text is HTML (written in angle brackets).
static inline int stepcast_is_html(char *text) { return aghtmlstr(text); }
