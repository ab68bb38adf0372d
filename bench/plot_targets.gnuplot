# SPDX-License-Identifier: BSD-3-Clause
#
# One bar a row: how far a row is beyond its target; from 1 on it holds. scripts/bench sets rows (a file of NAME
# <tab> NUMBER), chart (the SVG to write) and family.
stats rows using 2 nooutput
set terminal svg size 1100, 90 + 18 * STATS_records noenhanced font "sans-serif,11"
set output chart
set datafile separator "\t"
set title family . ": measured / target (1 just holds; the longer, the better)"
set yrange [STATS_records - 0.5 : -0.5]
set xrange [0 : *]
set grid xtics
set style fill solid
set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 2 front
bar(value) = value / 2
plot rows using (bar($2 >= 1 ? $2 : NaN)) : 0 : (bar($2)) : (0.4) : yticlabels(1) \
         with boxxyerror linecolor rgb "#2a7fb8" title "holds", \
     rows using (bar($2 < 1 ? $2 : NaN)) : 0 : (bar($2)) : (0.4) \
         with boxxyerror linecolor rgb "#d9603b" title "falls short"
