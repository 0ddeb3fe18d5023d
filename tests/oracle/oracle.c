// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// The C compiler as the authority: prints instances of every struct of the corpus, one line of JSON each,
// with their bytes and the values that the compiler reads in them.
#include "oracle.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct {
  const char* name;
  size_t size;
  visitor visit;
} records[200];
static size_t record_count;

void add_record(const char* name, size_t size, visitor visit) {
  if (record_count == COUNT(records)) {
    fprintf(stderr, "oracle: no space left for struct %s\n", name);
    exit(1);
  }
  records[record_count].name = name;
  records[record_count].size = size;
  records[record_count++].visit = visit;
}

// The open brackets: '{' or '[', and whether there is something after them.
static struct {
  char bracket;
  bool begun;
} open_brackets[64];
static size_t depth;

static void open_bracket(char bracket) {
  if (depth == COUNT(open_brackets)) {
    fprintf(stderr, "oracle: the corpus is nested too deeply\n");
    exit(1);
  }
  open_brackets[depth].bracket = bracket;
  open_brackets[depth++].begun = false;
  putchar(bracket);
}

static void close_bracket(void) {
  putchar(open_brackets[--depth].bracket == '{' ? '}' : ']');
}

// The prefix of a value: a comma, and in an object the last name of the expression.
static void begin_value(const char* member) {
  if (depth == 0) return;
  if (open_brackets[depth - 1].begun) putchar(',');
  open_brackets[depth - 1].begun = true;
  if (open_brackets[depth - 1].bracket == '[') return;
  const char* const dot = strrchr(member, '.');
  printf("\"%s\":", dot != NULL ? dot + 1 : member);
}

void open_object(struct visit* v, const char* member, const void* end) {
  if (v->pass == PASS_FILL) return;
  begin_value(member);
  open_bracket('{');
  if (v->pass == PASS_ENDS) print_end(v, "", end);
}

void close_object(struct visit* v) {
  if (v->pass != PASS_FILL) close_bracket();
}

void open_array(struct visit* v, const char* member) {
  if (v->pass == PASS_FILL) return;
  begin_value(member);
  open_bracket('[');
}

void close_array(struct visit* v) {
  close_object(v);
}

// Values.

static void print_digits(u128 value) {
  char digits[40];
  char* p = digits + sizeof digits;
  *--p = '\0';
  do *--p = (char)('0' + (int)(value % 10));
  while ((value /= 10) != 0);
  fputs(p, stdout);
}

// A negative value is sign-extended.
static void print_decimal(bool negative, u128 value) {
  if (negative) putchar('-');
  print_digits(negative ? -value : value);
}

void print_number(struct visit* v, const char* member, bool negative, u128 value) {
  begin_value(member);
  if (v->pass == PASS_NOTES) {
    fputs("null", stdout);
  } else {
    print_decimal(negative, value);
  }
}

// What BTF can express about an enum depends on its values: compilers before clang 15 cut them to 32 bits,
// and do not say whether the highest of these is a sign.
static const char* enum_kind(struct enum_values names) {
  bool negative = false, top_bit = false, wide = false;
  for (size_t i = 0; i < names.count; ++i) {
    const s128 value = names.values[i].value;
    negative |= value < 0;
    top_bit |= value > INT_MAX;
    wide |= value > UINT_MAX || value < INT_MIN;
  }
  return wide || (negative && top_bit) ? "wide" : top_bit ? "top bit" : "plain";
}

void print_enum(struct visit* v, const char* member, s128 value, struct enum_values names) {
  begin_value(member);
  if (v->pass == PASS_NOTES) {
    fputs("{\"number\":\"", stdout);
    print_decimal(value < 0, (u128)value);
    printf("\",\"enum\":\"%s\"}", enum_kind(names));
    return;
  }
  putchar('"');
  size_t i = 0;
  while (i < names.count && names.values[i].value != value) ++i;
  if (i < names.count) {
    fputs(names.values[i].name, stdout);
  } else {
    print_decimal(value < 0, (u128)value);
  }
  putchar('"');
}

void print_bool(struct visit* v, const char* member, bool value) {
  begin_value(member);
  fputs(v->pass == PASS_NOTES ? "null" : value ? "true" : "false", stdout);
}

void print_real(struct visit* v, const char* member, double value, size_t size) {
  begin_value(member);
  if (v->pass == PASS_NOTES) {
    fputs(size == sizeof(float) ? "\"float\"" : "\"double\"", stdout);
  } else if (!isfinite(value)) {
    fputs("null", stdout);
  } else {
    printf("%.*g", size == sizeof(float) ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG, value);
  }
}

void print_pointer(struct visit* v, const char* member, unsigned long long value) {
  begin_value(member);
  if (v->pass == PASS_NOTES) {
    fputs("null", stdout);
  } else {
    printf("\"0x%llx\"", value);
  }
}

// The length of the character that the text begins with, after the table of well-formed UTF-8 in the Unicode
// standard; 0 if it is not UTF-8.
static size_t utf8_length(const unsigned char* text, size_t size) {
  static const struct {
    unsigned char first_low, first_high, second_low, second_high;
    size_t length;
  } rows[] = {{0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
              {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
              {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
  size_t row = 0;
  while (row < COUNT(rows) && (text[0] < rows[row].first_low || text[0] > rows[row].first_high)) ++row;
  if (row == COUNT(rows) || size < rows[row].length) return 0;
  if (rows[row].length == 1) return 1;
  if (text[1] < rows[row].second_low || text[1] > rows[row].second_high) return 0;
  for (size_t i = 2; i < rows[row].length; ++i) {
    if (text[i] < 0x80 || text[i] > 0xbf) return 0;
  }
  return rows[row].length;
}

void print_text(struct visit* v, const char* member, const char* text, size_t size) {
  begin_value(member);
  if (v->pass == PASS_NOTES) {
    fputs("\"text\"", stdout);
    return;
  }
  const unsigned char* at = (const unsigned char*)text;
  const unsigned char* const end = at + size;
  putchar('"');
  while (at < end && *at != '\0') {
    const size_t length = utf8_length(at, (size_t)(end - at));
    if (length == 0) {
      fputs("\xef\xbf\xbd", stdout);  // U+FFFD for each byte that is not part of a character
      ++at;
    } else if (length == 1 && (*at < 0x20 || *at == '"' || *at == '\\')) {
      printf("\\u%04x", *at++);
    } else {
      fwrite(at, 1, length, stdout);
      at += length;
    }
  }
  putchar('"');
}

// Ends.

void print_end(struct visit* v, const char* member, const void* end) {
  begin_value(member);
  printf("%zu", (size_t)((const unsigned char*)end - v->record));
}

void print_last_set(struct visit* v, const char* member) {
  size_t end = v->size;
  while (end > 0 && v->record[end - 1] == 0) --end;
  print_end(v, member, v->record + end);
}

// Filling.

void wipe(struct visit* v) {
  memset(v->record, 0, v->size);
}

// A function, because the compiler warns about a constant that is truncated.
u128 all_bits(void) {
  return ~(u128)0;
}

// xorshift64*: the same numbers on every machine.
static unsigned long long next_random(struct visit* v) {
  v->random ^= v->random >> 12;
  v->random ^= v->random << 25;
  v->random ^= v->random >> 27;
  return v->random * 0x2545f4914f6cdd1dULL;
}

bool fill_bool(struct visit* v) {
  switch (v->filling) {
    case FILL_ZEROS:
      return false;
    case FILL_ONES:
      return true;
    case FILL_RANDOM:
      return next_random(v) >> 63;
    case FILL_EDGES:
      break;
  }
  return v->edge++ % 2 != 0;
}

u128 edge_number(struct visit* v, unsigned bits) {
  const u128 top = (u128)1 << (bits - 1);
  switch (v->edge++ % 6) {
    case 0:
      return 0;
    case 1:
      return top;
    case 2:
      return ~(u128)0;
    case 3:
      return 1;
    case 4:
      return top - 1;
    default:
      return ~(u128)0 / 3;  // every other bit
  }
}

s128 edge_enumerator(struct visit* v, struct enum_values names) {
  return names.values[v->edge++ % names.count].value;
}

double edge_real(struct visit* v, size_t size) {
  const bool single = size == sizeof(float);
  switch (v->edge++ % 8) {
    case 0:
      return -0.0;
    case 1:
      return 0.1;
    case 2:
      return single ? (double)FLT_MAX : DBL_MAX;
    case 3:
      return single ? -(double)FLT_MIN : -DBL_MIN;
    case 4:
      return single ? (double)FLT_TRUE_MIN : DBL_TRUE_MIN;
    case 5:
      return -INFINITY;
    case 6:
      return NAN;
    default:
      return 16777217.0;  // 2^24 + 1, which a float cannot represent
  }
}

void fill_pointer(struct visit* v, void* member) {
  static const uintptr_t pointers[] = {0, 0xffff888012345678u, 1, UINTPTR_MAX, 0x7ffd00000000u};
  memcpy(member, &pointers[v->edge++ % COUNT(pointers)], sizeof pointers[0]);
}

// Repeated until it is full, with a NUL somewhere in half of them: the end may cut a character.
void fill_text(struct visit* v, char* text, size_t size) {
  static const char* const samples[] = {
      "plain text",
      "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
      "\x80\xbf\xff\xfe",  // not UTF-8
      "\"quoted\" \\ /",
      "\x1b[31m\r\n\t\x01\x7f",                            // controls
      "\xc0\xaf\xe0\x80\xaf\xed\xa0\x80\xf4\x90\x80\x80",  // overlong, a surrogate, beyond Unicode
      "\xc2\x9b\xe2\x80\xae\xe2\x80\x8b\xef\xbb\xbf",      // C1, bidi, zero-width
      "\xc3\xe2\x82\xf0\x9f\x98",                          // incomplete
  };
  const char* const sample = samples[v->edge % COUNT(samples)];
  const size_t length = strlen(sample);
  for (size_t i = 0; i < size; ++i) text[i] = sample[i % length];
  if (v->edge++ / COUNT(samples) % 2 != 0 && size > 0) text[next_random(v) % size] = '\0';
}

// Instances.

static void print_pass(const char* key, struct visit* v, enum pass pass, visitor visit) {
  v->pass = pass;
  printf(",\"%s\":", key);
  open_object(v, "", v->record + v->size);
  visit(v->record, v);
  close_object(v);
}

static void print_instance(const char* name, size_t type_size, struct visit* v, visitor visit) {
  for (size_t i = 0; i < v->size; ++i) {
    v->record[i] = v->filling == FILL_ZEROS  ? 0
                   : v->filling == FILL_ONES ? 0xff
                                             : (unsigned char)(next_random(v) >> 56);
  }
  v->pass = PASS_FILL;
  visit(v->record, v);
  printf("{\"record\":\"%s\",\"size\":%zu,\"bytes\":\"", name, type_size);
  for (size_t i = 0; i < v->size; ++i) printf("%02x", v->record[i]);
  putchar('"');
  print_pass("values", v, PASS_VALUES, visit);
  print_pass("notes", v, PASS_NOTES, visit);
  print_pass("ends", v, PASS_ENDS, visit);
  puts("}");
}

int main(void) {
  // Bytes after the struct: a flexible array, or the excess size of a ring buffer record.
  static const size_t tails[] = {0, 37, 64, 5};
  static const enum filling fillings[] = {
      FILL_ZEROS, FILL_ONES,  FILL_RANDOM, FILL_RANDOM, FILL_RANDOM, FILL_RANDOM, FILL_EDGES, FILL_EDGES,
      FILL_EDGES, FILL_EDGES, FILL_EDGES,  FILL_EDGES,  FILL_EDGES,  FILL_EDGES,  FILL_EDGES, FILL_EDGES};
  static _Alignas(64) unsigned char memory[4096];
  struct visit v = {.record = memory, .random = 0x9e3779b97f4a7c15ULL};
  for (size_t i = 0; i < record_count; ++i) {
    for (size_t n = 0; n < COUNT(fillings); ++n) {
      v.filling = fillings[n];
      v.edge = (unsigned)n;
      v.size = records[i].size + tails[n % COUNT(tails)];
      if (v.size > sizeof memory) {
        fprintf(stderr, "oracle: struct %s is too large\n", records[i].name);
        return 1;
      }
      print_instance(records[i].name, records[i].size, &v, records[i].visit);
    }
  }
  return fflush(stdout) == 0 ? 0 : 1;
}
