#pragma once
#include <graphviz/gvc.h>
#include <graphviz/cgraph.h>

// Swift 6 refuses Graphviz's mutable globals; these functions stand in for them.
static inline Agraph_t *stepcast_open_directed(char *name) {
  return agopen(name, Agdirected, NULL);
}
