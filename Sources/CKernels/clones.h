#ifndef CLONES_H
#define CLONES_H

// One copy of a function per instruction set, chosen when the program starts.
#if defined(__x86_64__)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif
// Before a loop whose arrays are the same or apart: a value depends on its own index alone. Without it the compiler takes the
// loop without vectors where input and output are one array.
#define CK_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#define CK_INLINE static inline __attribute__((always_inline))

// Without errno, which would keep a loop from being vectorised.
CK_INLINE float root_inline(float x) { return __builtin_elementwise_sqrt(x); }

#endif
