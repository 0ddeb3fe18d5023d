// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// The members of every struct of the corpus, as oracle.h says.
#include "oracle.h"

// A struct of the corpus that has no MEMBERS() here does not compile.
#define RECORD(name) static void members_of_##name(struct name*, struct visit*)
// Members that are const have the same layout, and are to be written.
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#define const
#include <corpus.h>
#undef const

MEMBERS(integers) {
  NUMBER(u8);
  NUMBER(s8);
  NUMBER(u16);
  NUMBER(s16);
  NUMBER(u32);
  NUMBER(s32);
  NUMBER(u64);
  NUMBER(s64);
}

MEMBERS(keyword_integers) {
  NUMBER(c);
  NUMBER(sc);
  NUMBER(uc);
  NUMBER(s);
  NUMBER(us);
  NUMBER(i);
  NUMBER(ui);
  NUMBER(l);
  NUMBER(ul);
  NUMBER(ll);
  NUMBER(ull);
}

MEMBERS(library_integers) {
  NUMBER(u8);
  NUMBER(s8);
  NUMBER(u16);
  NUMBER(s16);
  NUMBER(u32);
  NUMBER(s32);
  NUMBER(u64);
  NUMBER(s64);
  NUMBER(size);
  NUMBER(difference);
  NUMBER(address);
}

MEMBERS(big_integers) {
  NUMBER(before);
  NUMBER(s128);
  NUMBER(u128);
  NUMBER(after);
  EACH(pair, i, NUMBER(pair[i]));
}

MEMBERS(packed_big_integers) {
  NUMBER(before);
  NUMBER(s128);
  NUMBER(between);
  NUMBER(u128);
}

MEMBERS(network_order) {
  NUMBER(port);
  NUMBER(address);
  NUMBER(cookie);
  NUMBER(le16);
  NUMBER(le32);
  NUMBER(le64);
}

MEMBERS(padding) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
  NUMBER(g);
}

MEMBERS(booleans) {
  BOOL(first);
  BOOL(second);
  NUMBER(between);
  EACH(flags, i, BOOL(flags[i]));
  EACH(grid, i, EACH(grid[i], j, BOOL(grid[i][j])));
}

MEMBERS(texts) {
  TEXT(comm);
  TEXT(one);
  TEXT(odd);
  TEXT(path);
}

MEMBERS(text_kinds) {
  TEXT(signed_text);
  TEXT(unsigned_text);
  TEXT(letters);
  TEXT(initials);
  TEXT(name);
  TEXT(fixed);
  TEXT(moving);
  EACH(lines, i, TEXT(lines[i]));
  EACH(blocks, i, EACH(blocks[i], j, TEXT(blocks[i][j])));
}

MEMBERS(byte_arrays) {
  EACH(u8, i, NUMBER(u8[i]));
  EACH(s8, i, NUMBER(s8[i]));
  EACH(library, i, NUMBER(library[i]));
  EACH(library_signed, i, NUMBER(library_signed[i]));
  EACH(mac, i, NUMBER(mac[i]));
  EACH(table, i, EACH(table[i], j, NUMBER(table[i][j])));
}

MEMBERS(enums) {
  ENUM(color, COLORS);
  ENUM(balance, BALANCES);
  ENUM(port, PORTS);
  ENUM(alias, ALIASES);
  ENUM(extreme, EXTREMES);
  ENUM(top, TOPS);
  ENUM(level, LEVELS);
}

MEMBERS(small_enums) {
  ENUM(small, SMALLS);
  ENUM(small_balance, SMALL_BALANCES);
  ENUM(short_enum, SHORTS);
  ENUM(short_balance, SHORT_BALANCES);
  EACH(smalls, i, ENUM(smalls[i], SMALLS));
  EACH(small_balances, i, ENUM(small_balances[i], SMALL_BALANCES));
}

MEMBERS(wide_enums) {
  ENUM(wide, WIDES);
  ENUM(balance, WIDE_BALANCES);
  EACH(wides, i, ENUM(wides[i], WIDES));
  NUMBER(after);
}

MEMBERS(enum_types) {
  ENUM(unnamed, UNNAMEDS);
  ENUM(color, COLORS);
  ENUM(fixed, COLORS);
  ENUM(balance, BALANCES);
  EACH(colors, i, ENUM(colors[i], COLORS));
  EACH(palette, i, EACH(palette[i], j, ENUM(palette[i][j], COLORS)));
}

MEMBERS(unsigned_bits) {
  NUMBER(one);
  NUMBER(two);
  NUMBER(five);
  NUMBER(eight);
  NUMBER(nine);
  NUMBER(seven);
  NUMBER(whole);
  NUMBER(thirty_one);
  NUMBER(last);
}

MEMBERS(signed_bits) {
  NUMBER(one);
  NUMBER(two);
  NUMBER(five);
  NUMBER(eight);
  NUMBER(nine);
  NUMBER(seven);
  NUMBER(whole);
  NUMBER(thirty_one);
  NUMBER(last);
}

MEMBERS(small_unit_bits) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
  NUMBER(g);
  NUMBER(h);
  NUMBER(i);
  NUMBER(j);
}

MEMBERS(long_bits) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
  NUMBER(g);
  NUMBER(h);
  NUMBER(i);
  NUMBER(j);
}

MEMBERS(packed_bits) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
  NUMBER(g);
  NUMBER(h);
  NUMBER(i);
}

MEMBERS(packed_long_bits) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
}

MEMBERS(packed_bits_between) {
  NUMBER(before);
  NUMBER(a);
  NUMBER(b);
  NUMBER(between);
  NUMBER(c);
  NUMBER(d);
  NUMBER(after);
}

MEMBERS(mixed_bits) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
  NUMBER(g);
  NUMBER(h);
  NUMBER(i);
}

MEMBERS(unnamed_bits) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
}

MEMBERS(zero_width_bits) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
}

MEMBERS(bool_bits) {
  BOOL(a);
  BOOL(b);
  NUMBER(c);
  BOOL(d);
  BOOL(e);
  BOOL(f);
}

MEMBERS(enum_bits) {
  ENUM(color, COLORS);
  ENUM(balance, BALANCES);
  ENUM(port, PORTS);
  ENUM(alias, ALIASES);
  ENUM(extreme, EXTREMES);
  ENUM(small, SMALLS);
  ENUM(small_balance, SMALL_BALANCES);
  ENUM(whole, COLORS);
}

MEMBERS(narrow_enum_bits) {
  ENUM(port, PORTS);
  ENUM(alias, ALIASES);
  ENUM(balance, BALANCES);
  ENUM(extreme, EXTREMES);
}

MEMBERS(wide_enum_bits) {
  ENUM(wide, WIDES);
  NUMBER(rest);
}

MEMBERS(bit_types) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
  NUMBER(g);
  ENUM(h, COLORS);
  BOOL(i);
  BOOL(j);
}

MEMBERS(bits_in_union) {
  NUMBER(word);
  NUMBER(low);
  NUMBER(high);
  OBJECT(parts, NUMBER(parts.first); NUMBER(parts.second));
  NUMBER(nibble);
  NUMBER(signed_nibble);
  OBJECT(named, NUMBER(named.a); NUMBER(named.b));
}

MEMBERS(bits_in_array) {
  EACH(items, i,
       OBJECT(items[i], NUMBER(items[i].a); NUMBER(items[i].b); BOOL(items[i].c); NUMBER(items[i].d)));
  EACH(packed_items, i, OBJECT(packed_items[i], NUMBER(packed_items[i].x); NUMBER(packed_items[i].y)));
}

MEMBERS(packed_bits_in_array) {
  NUMBER(before);
  EACH(items, i, OBJECT(items[i], NUMBER(items[i].a); NUMBER(items[i].b); NUMBER(items[i].c)));
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
  NUMBER(after);
}

MEMBERS(big_bits) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
}

MEMBERS(tcp_header) {
  NUMBER(source);
  NUMBER(dest);
  NUMBER(seq);
  NUMBER(ack_seq);
  NUMBER(res1);
  NUMBER(doff);
  NUMBER(fin);
  NUMBER(syn);
  NUMBER(rst);
  NUMBER(psh);
  NUMBER(ack);
  NUMBER(urg);
  NUMBER(ece);
  NUMBER(cwr);
  NUMBER(window);
  NUMBER(check);
  NUMBER(urg_ptr);
}

MEMBERS(reals) {
  REAL(f);
  REAL(d);
  EACH(fs, i, REAL(fs[i]));
  EACH(ds, i, EACH(ds[i], j, REAL(ds[i][j])));
  REAL(qualified);
}

MEMBERS(packed_reals) {
  NUMBER(tag);
  REAL(d);
  NUMBER(gap);
  REAL(f);
}

MEMBERS(pointers) {
  POINTER(nothing);
  POINTER(text);
  POINTER(point);
  POINTER(forward);
  POINTER(forward_union);
  POINTER(function);
  POINTER(callback);
  POINTER(chain);
  POINTER(row);
  POINTER(self);
  POINTER(fixed);
  EACH(table, i, POINTER(table[i]));
  EACH(handlers, i, POINTER(handlers[i]));
}

MEMBERS(packed_pointers) {
  NUMBER(a);
  POINTER(b);
  NUMBER(c);
  POINTER(d);
}

MEMBERS(type_tags) {
  POINTER(user);
  POINTER(rcu);
  POINTER(several);
  POINTER(names);
  NUMBER(after);
}

MEMBERS(decl_tags) {
  NUMBER(plain);
  POINTER(pointer);
  NUMBER(both);
  TEXT(text);
}

MEMBERS(nested) {
  NUMBER(before);
  OBJECT(point, NUMBER(point.x); NUMBER(point.y));
  OBJECT(outer, NUMBER(outer.kind); OBJECT(outer.middle, NUMBER(outer.middle.id);
                                           OBJECT(outer.middle.inner, NUMBER(outer.middle.inner.deepest);
                                                  NUMBER(outer.middle.inner.weight))));
  NUMBER(after);
}

MEMBERS(anonymous) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
  NUMBER(g);
  NUMBER(h);
}

MEMBERS(unions) {
  NUMBER(kind);
  OBJECT(address, NUMBER(address.v4); EACH(address.v6, i, NUMBER(address.v6[i]));
         OBJECT(address.halves, NUMBER(address.halves.high); NUMBER(address.halves.low)));
  OBJECT(value, NUMBER(value.number); NUMBER(value.smaller); TEXT(value.letters); REAL(value.real);
         ENUM(value.color, COLORS); POINTER(value.pointer); BOOL(value.flag));
}

MEMBERS(anonymous_unions) {
  NUMBER(kind);
  NUMBER(whole);
  NUMBER(low);
  NUMBER(high);
  NUMBER(first);
  NUMBER(second);
  NUMBER(signed_second);
  NUMBER(odd);
  OBJECT(point, NUMBER(point.x); NUMBER(point.y));
  EACH(pair, i, NUMBER(pair[i]));
}

MEMBERS(union_arrays) {
  EACH(items, i, OBJECT(items[i], NUMBER(items[i].byte); NUMBER(items[i].half)));
  EACH(others, i, OBJECT(others[i], NUMBER(others[i].a); NUMBER(others[i].b); NUMBER(others[i].c)));
}

MEMBERS(typedef_structs) {
  OBJECT(id, NUMBER(id.tid); NUMBER(id.tgid));
  OBJECT(info, OBJECT(info.id, NUMBER(info.id.tid); NUMBER(info.id.tgid)); TEXT(info.comm));
  OBJECT(fixed, OBJECT(fixed.id, NUMBER(fixed.id.tid); NUMBER(fixed.id.tgid)); TEXT(fixed.comm));
  EACH(ids, i, OBJECT(ids[i], NUMBER(ids[i].tid); NUMBER(ids[i].tgid)));
}

MEMBERS(arrays) {
  NUMBER(before);
  EACH(numbers, i, NUMBER(numbers[i]));
  EACH(one, i, NUMBER(one[i]));
  EACH(longs, i, NUMBER(longs[i]));
  NUMBER(after);
}

MEMBERS(dimensions) {
  EACH(plane, i, EACH(plane[i], j, NUMBER(plane[i][j])));
  EACH(cube, i, EACH(cube[i], j, EACH(cube[i][j], k, NUMBER(cube[i][j][k]))));
  EACH(deep, i, EACH(deep[i], j, EACH(deep[i][j], k, EACH(deep[i][j][k], l, NUMBER(deep[i][j][k][l])))));
  EACH(matrix, i, EACH(matrix[i], j, NUMBER(matrix[i][j])));
  EACH(rows, i, EACH(rows[i], j, NUMBER(rows[i][j])));
  EACH(fixed, i, NUMBER(fixed[i]));
}

MEMBERS(struct_arrays) {
  EACH(entries, i,
       OBJECT(entries[i], NUMBER(entries[i].key); NUMBER(entries[i].value); TEXT(entries[i].name)));
  EACH(grid, i, EACH(grid[i], j, OBJECT(grid[i][j], NUMBER(grid[i][j].x); NUMBER(grid[i][j].y))));
  EACH(shapes, i,
       OBJECT(
           shapes[i], NUMBER(shapes[i].id);
           EACH(shapes[i].corners, j,
                OBJECT(shapes[i].corners[j], NUMBER(shapes[i].corners[j].x); NUMBER(shapes[i].corners[j].y)));
           EACH(shapes[i].flags, j, NUMBER(shapes[i].flags[j]))));
}

MEMBERS(packed_entry_array) {
  NUMBER(before);
  EACH(entries, i,
       OBJECT(entries[i], NUMBER(entries[i].key); NUMBER(entries[i].value);
              EACH(entries[i].flags, j, NUMBER(entries[i].flags[j]))));
  NUMBER(after);
}

MEMBERS(flexible_numbers) {
  NUMBER(count);
  FLEXIBLE(values, i, NUMBER(values[i]));
}

MEMBERS(flexible_text) {
  NUMBER(size);
  FLEXIBLE_TEXT(text);
}

MEMBERS(flexible_structs) {
  NUMBER(count);
  FLEXIBLE(entries, i,
           OBJECT(entries[i], NUMBER(entries[i].key); NUMBER(entries[i].value); TEXT(entries[i].name)));
}

MEMBERS(flexible_in_padding) {
  NUMBER(a);
  NUMBER(b);
  FLEXIBLE(bytes, i, NUMBER(bytes[i]));
}

MEMBERS(flexible_rows) {
  NUMBER(count);
  FLEXIBLE(rows, i, EACH(rows[i], j, NUMBER(rows[i][j])));
}

MEMBERS(flexible_lines) {
  NUMBER(count);
  FLEXIBLE(lines, i, TEXT(lines[i]));
}

MEMBERS(flexible_big) {
  NUMBER(count);
  FLEXIBLE(values, i, NUMBER(values[i]));
}

MEMBERS(flexible_pointers) {
  NUMBER(count);
  FLEXIBLE(stack, i, POINTER(stack[i]));
}

MEMBERS(zero_length_tail) {
  NUMBER(count);
  FLEXIBLE(values, i, NUMBER(values[i]));
}

MEMBERS(flexible_arms) {
  NUMBER(kind);
  OBJECT(no_words, );
  FLEXIBLE(words, i, NUMBER(words[i]));
  OBJECT(no_halves, );
  FLEXIBLE(halves, i, NUMBER(halves[i]));
}

MEMBERS(zero_length_marks) {
  NUMBER(before);
  EACH(mark, i, NUMBER(mark[i]));
  NUMBER(first);
  EACH(middle_mark, i, NUMBER(middle_mark[i]));
  TEXT(text_mark);
  NUMBER(last);
}

MEMBERS(zero_length_in_nested) {
  OBJECT(marked, NUMBER(marked.id); EACH(marked.end, i, NUMBER(marked.end[i])));
  NUMBER(after);
  EACH(several, i,
       OBJECT(several[i], NUMBER(several[i].id); EACH(several[i].end, j, NUMBER(several[i].end[j]))));
}

MEMBERS(aliases) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
  NUMBER(g);
  NUMBER(h);
  EACH(i, n, NUMBER(i[n]));
  POINTER(j);
}

MEMBERS(packed) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
  NUMBER(f);
  BOOL(g);
  ENUM(h, COLORS);
  OBJECT(i, NUMBER(i.x); NUMBER(i.y));
  EACH(j, n, NUMBER(j[n]));
}

MEMBERS(partly_packed) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  NUMBER(e);
}

MEMBERS(packed_aligned) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
}

MEMBERS(aligned_members) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  NUMBER(d);
  TEXT(e);
  NUMBER(f);
}

MEMBERS(aligned_struct) {
  NUMBER(a);
  NUMBER(b);
  NUMBER(c);
  OBJECT(d, NUMBER(d.x));
  NUMBER(e);
}

MEMBERS(packed_nested) {
  NUMBER(a);
  OBJECT(plain, NUMBER(plain.b); NUMBER(plain.c));
  OBJECT(tight, NUMBER(tight.d); NUMBER(tight.e));
  NUMBER(f);
  NUMBER(g);
  NUMBER(h);
}

MEMBERS(nothing) {}

MEMBERS(empty_members) {
  NUMBER(a);
  OBJECT(b, );
  NUMBER(c);
  OBJECT(d, );
  NUMBER(e);
  OBJECT(f, );
}

MEMBERS(everything) {
  NUMBER(timestamp);
  NUMBER(pid);
  NUMBER(tgid);
  TEXT(comm);
  ENUM(balance, BALANCES);
  NUMBER(flags);
  BOOL(failed);
  NUMBER(latency);
  NUMBER(saddr);
  NUMBER(daddr);
  EACH(address, i, NUMBER(address[i]));
  EACH(peers, i, OBJECT(peers[i], NUMBER(peers[i].port); ENUM(peers[i].color, COLORS); REAL(peers[i].ratio)));
  NUMBER(cookie);
  EACH(stack, i, POINTER(stack[i]));
  NUMBER(length);
  FLEXIBLE_TEXT(path);
}
