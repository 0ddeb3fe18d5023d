// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// How the members of the corpus are listed: one line each, with a macro that says what kind it is and an
// expression that names it, seen from the record `r`. Each line is compiled to three things, of which a visit
// does one: it fills the member, prints the value that the C compiler reads, or prints where the member ends.
//
//   MEMBERS(event) {
//     NUMBER(pid);
//     TEXT(comm);
//     ENUM(state, STATES);
//     OBJECT(peer, NUMBER(peer.port); NUMBER(peer.address));
//     EACH(counts, i, NUMBER(counts[i]));
//   }
//
// Members of an anonymous struct or union are members of the outer one.
#ifndef ORACLE_ORACLE_H
#define ORACLE_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned __int128 u128;
typedef __int128 s128;

enum pass {
  PASS_FILL,    // write what is valid, over bytes that are there already
  PASS_VALUES,  // print values as probe-run's jsonl does, and for floats 9 or 17 digits
  PASS_NOTES,   // print more about a value: the number of an enum, the kind of others
  PASS_ENDS     // print the offset after each member; "" is the object's own. Destroys the record.
};

// The initial bytes of a record. EDGES also writes each member.
enum filling { FILL_ZEROS, FILL_ONES, FILL_RANDOM, FILL_EDGES };

struct visit {
  enum pass pass;
  enum filling filling;
  unsigned edge;  // which value comes next
  unsigned char* record;
  size_t size;  // of the record: at least that of its type
  unsigned long long random;
};

struct enumerator {
  const char* name;
  s128 value;
};
struct enum_values {
  const struct enumerator* values;
  size_t count;
};

typedef void (*visitor)(void* record, struct visit* v);
void add_record(const char* name, size_t size, visitor visit);

void wipe(struct visit* v);  // all zeros
u128 all_bits(void);
bool fill_bool(struct visit* v);
u128 edge_number(struct visit* v, unsigned bits);
s128 edge_enumerator(struct visit* v, struct enum_values names);
double edge_real(struct visit* v, size_t size);
void fill_pointer(struct visit* v, void* member);
void fill_text(struct visit* v, char* text, size_t size);

// `member` is the expression of the list, of which the last name is the key.
void print_number(struct visit* v, const char* member, bool negative, u128 value);
void print_enum(struct visit* v, const char* member, s128 value, struct enum_values names);
void print_bool(struct visit* v, const char* member, bool value);
void print_real(struct visit* v, const char* member, double value, size_t size);
void print_pointer(struct visit* v, const char* member, unsigned long long value);
void print_text(struct visit* v, const char* member, const char* text, size_t size);
void print_end(struct visit* v, const char* member, const void* end);
void print_last_set(struct visit* v, const char* member);  // the end of what is not zero
void open_object(struct visit* v, const char* member, const void* end);
void close_object(struct visit* v);
void open_array(struct visit* v, const char* member);
void close_array(struct visit* v);

// The members of `struct name`.
#define MEMBERS(name)                                                   \
  static void visit_##name(void* record, struct visit* v) {             \
    members_of_##name(record, v);                                       \
  }                                                                     \
  __attribute__((constructor)) static void add_##name(void) {           \
    add_record(#name, sizeof(struct name), visit_##name);               \
  }                                                                     \
  static void members_of_##name(struct name* r __attribute__((unused)), \
                                struct visit* v __attribute__((unused)))

#define END_OF(member) ((const char*)(const void*)&r->member + sizeof(r->member))

// The width of an integer or bitfield in bits: as many as can be written. Destroys the value.
#define WIDTH(member)                                                                        \
  __extension__({                                                                            \
    unsigned width = 0;                                                                      \
    for (u128 bit = 1; width < 128 && (r->member = bit, r->member != 0); bit <<= 1) ++width; \
    width;                                                                                   \
  })

// An integer.
#define NUMBER(member)                                          \
  do {                                                          \
    if (v->pass == PASS_FILL && v->filling == FILL_EDGES) {     \
      r->member = edge_number(v, WIDTH(member));                \
    } else if (v->pass == PASS_ENDS) {                          \
      wipe(v), r->member = all_bits();                          \
      print_last_set(v, #member);                               \
    } else if (v->pass != PASS_FILL) {                          \
      print_number(v, #member, r->member < 0, (u128)r->member); \
    }                                                           \
  } while (0)

// An enum whose names are those of LIST.
#define ENUM(member, LIST)                                                 \
  do {                                                                     \
    static const struct enumerator list[] = {LIST(ENUM_NAME)};             \
    const struct enum_values names = {list, sizeof list / sizeof list[0]}; \
    if (v->pass == PASS_FILL && v->filling == FILL_EDGES) {                \
      r->member = edge_enumerator(v, names);                               \
    } else if (v->pass == PASS_ENDS) {                                     \
      wipe(v), r->member = all_bits();                                     \
      print_last_set(v, #member);                                          \
    } else if (v->pass != PASS_FILL) {                                     \
      print_enum(v, #member, (s128)r->member, names);                      \
    }                                                                      \
  } while (0)
#define ENUM_NAME(name, number) {#name, (s128)(name)},

// A bool has only two values: reading another one is undefined, so every filling writes it.
#define BOOL(member)                     \
  do {                                   \
    if (v->pass == PASS_FILL) {          \
      r->member = fill_bool(v);          \
    } else if (v->pass == PASS_ENDS) {   \
      wipe(v), r->member = true;         \
      print_last_set(v, #member);        \
    } else {                             \
      print_bool(v, #member, r->member); \
    }                                    \
  } while (0)

// A float or a double.
#define REAL(member)                                                             \
  do {                                                                           \
    if (v->pass == PASS_FILL) {                                                  \
      if (v->filling == FILL_EDGES) r->member = edge_real(v, sizeof(r->member)); \
    } else if (v->pass == PASS_ENDS) {                                           \
      print_end(v, #member, END_OF(member));                                     \
    } else {                                                                     \
      print_real(v, #member, r->member, sizeof(r->member));                      \
    }                                                                            \
  } while (0)

#define POINTER(member)                                                 \
  do {                                                                  \
    if (v->pass == PASS_FILL) {                                         \
      if (v->filling == FILL_EDGES) fill_pointer(v, (void*)&r->member); \
    } else if (v->pass == PASS_ENDS) {                                  \
      print_end(v, #member, END_OF(member));                            \
    } else {                                                            \
      print_pointer(v, #member, (unsigned long long)r->member);         \
    }                                                                   \
  } while (0)

// An array of characters.
#define TEXT(member) TEXT_OF(member, sizeof(r->member))
// One without a length.
#define FLEXIBLE_TEXT(member) TEXT_OF(member, (size_t)((char*)r + v->size - (char*)r->member))
#define TEXT_OF(member, bytes)                                     \
  do {                                                             \
    char* const text = (char*)r->member;                           \
    const size_t text_size = (bytes);                              \
    if (v->pass == PASS_FILL) {                                    \
      if (v->filling == FILL_EDGES) fill_text(v, text, text_size); \
    } else if (v->pass == PASS_ENDS) {                             \
      print_end(v, #member, text + text_size);                     \
    } else {                                                       \
      print_text(v, #member, text, text_size);                     \
    }                                                              \
  } while (0)

// A struct or union; after its name, its members.
#define OBJECT(member, ...)                  \
  do {                                       \
    open_object(v, #member, END_OF(member)); \
    __VA_ARGS__;                             \
    close_object(v);                         \
  } while (0)

// An array; after its name, an index and how an element is listed.
#define EACH(member, index, ...) EACH_OF(sizeof(r->member) / sizeof(r->member[0]), member, index, __VA_ARGS__)
// One without a length.
#define FLEXIBLE(member, index, ...) \
  EACH_OF((size_t)((char*)r + v->size - (char*)r->member) / sizeof(r->member[0]), member, index, __VA_ARGS__)
#define EACH_OF(elements, member, index, ...)             \
  do {                                                    \
    open_array(v, #member);                               \
    for (size_t index = 0; index < (elements); ++index) { \
      __VA_ARGS__;                                        \
    }                                                     \
    close_array(v);                                       \
  } while (0)

#endif
