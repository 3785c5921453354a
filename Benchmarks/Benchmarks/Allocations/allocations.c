// Counts allocations by standing in for malloc: what the dynamic linker finds in the executable goes
// before the C library, also for the Swift runtime.
#include "allocations.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic uint64_t count;
static _Atomic int64_t held, most, start;

uint64_t allocation_count(void) { return atomic_load_explicit(&count, memory_order_relaxed); }

void reset_peak_bytes(void) {
  int64_t now = atomic_load(&held);
  atomic_store(&start, now);
  atomic_store(&most, now);
}

uint64_t peak_bytes(void) {
  int64_t more = atomic_load(&most) - atomic_load(&start);
  return more > 0 ? (uint64_t)more : 0;
}

#ifdef __GLIBC__
#include <malloc.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void hold(int64_t bytes) {
  int64_t now = atomic_fetch_add_explicit(&held, bytes, memory_order_relaxed) + bytes;
  int64_t known = atomic_load_explicit(&most, memory_order_relaxed);
  while (now > known && !atomic_compare_exchange_weak(&most, &known, now)) {
  }
}

static void *noted(void *memory) {
  atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
  if (memory) hold((int64_t)malloc_usable_size(memory));
  return memory;
}

void *malloc(size_t size) { return noted(__libc_malloc(size)); }

void *calloc(size_t number, size_t size) { return noted(__libc_calloc(number, size)); }

void *realloc(void *memory, size_t size) {
  if (memory) hold(-(int64_t)malloc_usable_size(memory));
  return noted(__libc_realloc(memory, size));
}

void *memalign(size_t alignment, size_t size) { return noted(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  void *found = memalign(alignment, size);
  if (!found && size) return ENOMEM;
  *memory = found;
  return 0;
}

void free(void *memory) {
  if (memory) hold(-(int64_t)malloc_usable_size(memory));
  __libc_free(memory);
}
#endif
