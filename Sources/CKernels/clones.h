#ifndef CLONES_H
#define CLONES_H

// One copy of a function per instruction set, chosen when the program starts.
#if defined(__x86_64__)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif
#define CK_INLINE static inline __attribute__((always_inline))

#endif
