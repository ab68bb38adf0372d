/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiled with one header of the library before it: the header must stand alone. */
typedef int not_empty;
