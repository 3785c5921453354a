#pragma once
#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>
#include <pthread.h>
#include <stdlib.h>

#include "reading.h"

// Swift 6 refuses Graphviz's mutable globals and its non-const strings; these functions stand in for
// them. None of them keeps a string that it is given.

/// Graphviz keeps process-wide state (messages, parser, fonts), so one thread at a time may use it,
/// to read or to draw.
static inline void stepcast_graphviz_lock(void) { pthread_mutex_lock(stepcast_graphviz_gate()); }

static inline void stepcast_graphviz_unlock(void) {
  pthread_mutex_unlock(stepcast_graphviz_gate());
}

/// Collects messages instead of printing them.
static inline void stepcast_collect_messages(void) {
  agseterr(AGMAX);
  agreseterrors();
}

/// Whether anything worse than a warning was collected. Layouts report some failures only this way.
static inline int stepcast_has_failed(void) { return agerrors() != 0; }

/// The last message, to be freed by the caller; NULL when there was none.
static inline char *stepcast_last_message(void) { return agerrors() ? aglasterr() : NULL; }

static inline Agraph_t *stepcast_open_directed(const char *name) {
  return agopen((char *)name, Agdirected, NULL);
}

static inline Agnode_t *stepcast_add_node(Agraph_t *graph, const char *name) {
  return agnode(graph, (char *)name, 1);
}

static inline Agedge_t *stepcast_add_edge(Agraph_t *graph, Agnode_t *tail, Agnode_t *head) {
  return agedge(graph, tail, head, NULL, 1);
}

static inline Agraph_t *stepcast_add_subgraph(Agraph_t *graph, const char *name) {
  return agsubg(graph, (char *)name, 1);
}

static inline void stepcast_include(Agraph_t *subgraph, Agnode_t *node) {
  agsubnode(subgraph, node, 1);
}

/// Declares an attribute of all graphs, nodes or edges (`AGRAPH`, `AGNODE`, `AGEDGE`).
static inline void stepcast_set_default(
    Agraph_t *graph, int kind, const char *name, const char *value) {
  agattr(graph, kind, (char *)name, (char *)value);
}

static inline void stepcast_set(void *object, const char *name, const char *value) {
  agsafeset(object, (char *)name, (char *)value, "");
}

/// Sets an attribute to an HTML-like label.
static inline void stepcast_set_html(
    Agraph_t *graph, void *object, const char *name, const char *value) {
  char *html = agstrdup_html(graph, (char *)value);
  agsafeset(object, (char *)name, html, "");
  agstrfree(graph, html);
}
