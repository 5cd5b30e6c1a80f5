// Made by `make docs` (vcsh reference --examples): what the examples of the commands give. A test compares them.
// Long because it is data: one text for each example, nothing to split.
// swift-format-ignore-file

package enum ExampleOutputs {
  package static let all: [String: String] = [
    ##"open checkpoints/twin.ckpt as twin --replace"##: ##"""
name      twin
kind      twin
heads     2
sessions  Sim_2025-01-10, Sim_2025-01-17
status    unchanged
"""##,
    ##"open recordings/Sim_2025-01-17 as sim --replace"##: ##"""
name     sim
kind     recording
session  Sim_2025-01-17
cells    16
stimuli  fixrsvp (3240 frames), gaborium (3600 frames)
status   unchanged
"""##,
    ##"open recordings/multi_sim_120_all.yaml --replace"##: ##"""
session          name             cells  stimuli            status
───────────────  ───────────────  ─────  ─────────────────  ───────
Sim_2025-01-10   -                    -  -                  no data
Sim_2025-01-17   Sim_2025-01-17      16  fixrsvp, gaborium  opened
Nova_2025-02-03  Nova_2025-02-03     12  backimage          opened
"""##,
    ##"ls"##: ##"""
name  kind       cells  detail
────  ─────────  ─────  ─────────────────────────────────
nova  recording     12  Nova_2025-02-03: backimage
sim   recording     16  Sim_2025-01-17: fixrsvp, gaborium
twin  twin          40  2 heads
"""##,
    ##"ls recording"##: ##"""
name  kind       cells  detail
────  ─────────  ─────  ─────────────────────────────────
nova  recording     12  Nova_2025-02-03: backimage
sim   recording     16  Sim_2025-01-17: fixrsvp, gaborium
"""##,
    ##"show twin"##: ##"""
twin

checkpoint
  file         checkpoints/twin.ckpt
  bytes        693951
  fingerprint  15539b539f7844ce
  epoch        16
  step         4250
  monitor      val_loss
  score        0.2645
  lightning    2.6.6
  output       softplus
  values       69733
… 36 more lines
"""##,
    ##"show sim"##: ##"""
sim

recording
  session                Sim_2025-01-17
  cells                  16
  cids                   0-15
  bins_per_second        120
  lags                   0-17
  transforms             stim: pixelnorm, unsqueeze 1
  data_filters           valid_nlags n_lags=18
  split                  train 0.8 of the trials, seed 1002
  configuration          recordings/multi_sim_120_all.yaml
  session_configuration  recordings/sessions/Sim_2025-01-17.yaml
… 6 more lines
"""##,
    ##"open checkpoints/twin.ckpt as t2; rename t2 twin2; drop twin2"##: ##"""
name      t2
kind      twin
heads     2
sessions  Sim_2025-01-10, Sim_2025-01-17
status    opened
"""##,
    ##"eval twin on sim/gaborium | rename r pearson | head 3"##: ##"""
cid  spikes  rate_hz  bits_per_spike  pearson     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
twin on sim/gaborium, split val, 623 frames
"""##,
    ##"eval twin on sim/gaborium as scores; drop scores"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 6 more lines
"""##,
    ##"predict twin on sim/gaborium as p --replace; export p /tmp/vcsh-example.npz"##: ##"""
name          p
cells         16
frames        623
split         val
mean_rate_hz  22.86
"""##,
    ##"let scores = eval twin on sim/gaborium; export $scores /tmp/vcsh-example.csv"##: ##"""

"""##,
    ##"eval twin on sim/gaborium; export session /tmp/vcsh-example.html"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 6 more lines
"""##,
    ##"eval twin on sim/gaborium"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 6 more lines
"""##,
    ##"eval twin on sim/gaborium --split all | where reason == null | sort bits_per_spike --reverse | head 5"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
 15     602    22.82         -0.0203   0.2770  0.5086  -
  6     144     5.46         -0.0378  -0.0012  0.1873  -
 10     178     6.75         -0.0537  -0.0155  0.2202  -
  4     105     3.98         -0.1346   0.0050  0.1493  -
  8     677    25.67         -0.3917   0.3702  0.6019  -
twin on sim/gaborium, split all, 3165 frames
"""##,
    ##"eval twin on sim/fixrsvp --split all --metrics cc_norm,feve,oracle | sort cc_norm --reverse | head 5"##: ##"""
cid  spikes  rate_hz  cc_norm    feve  oracle  reason
───  ──────  ───────  ───────  ──────  ──────  ──────
  2     538    26.39   0.9066  0.0926  0.4766  -
 13     281    13.79   0.8980  0.4870  0.5383  -
  0     341    16.73   0.8493  0.7155  0.5094  -
  5      97     4.76   0.5752  0.3874  0.2889  -
  3     475    23.30   0.5571  0.2665  0.5313  -
twin on sim/fixrsvp, split all, 2446 frames
"""##,
    ##"generalization twin on sim"##: ##"""
part      stimulus  split  frames  cells  bits_per_spike   lower    upper  gap  gap_lower  gap_upper
────────  ────────  ─────  ──────  ─────  ──────────────  ──────  ───────  ───  ─────────  ─────────
withheld  fixrsvp   all      2446     16           0.075  -0.149   0.2918    -          -          -
withheld  gaborium  all      3165     16          -1.022  -1.442  -0.6381    -          -          -
twin on sim, which has no stimulus that the twin was trained on
"""##,
    ##"generalization twin on sim --metric r --cells | where part == 'withheld' | sort score | head 5"##: ##"""
cid  stimulus  split  part      rate_hz     score  gap  reason
───  ────────  ─────  ────────  ───────  ────────  ───  ──────
 12  fixrsvp   all    withheld    4.317  -0.01961    -  -
 10  gaborium  all    withheld    6.749  -0.01548    -  -
 11  gaborium  all    withheld    3.336  -0.01443    -  -
  6  gaborium  all    withheld    5.460  -0.00123    -  -
  4  gaborium  all    withheld    3.981   0.00500    -  -
twin on sim, which has no stimulus that the twin was trained on
"""##,
    ##"why twin 3 on sim/gaborium"##: ##"""
cause                found  strength  brings  evidence                                                                                                                               remedy
───────────────────  ─────  ────────  ──────  ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────  ─────────────────────────────────────────────────
gain or offset       true      2.984   1.157  gain 0.35, offset -0.11 Hz: -1.01 to 0.15 bits/spike                                                                                   calibrate, then --calibrated
few spikes           true      1.087       -  46 held-out spikes in 623 bins, a standard error of some 0.22 bits/spike                                                               record longer, or judge by several cells together
readout's place      false     0.583       -  3.85 px from the data's field, itself 1.86 px wide; a refit moves it by 1.14 feature px, 1.11 of its widths: +0.13 bits/spike, z 1.17  -
noise ceiling        false     0.523       -  cc_max 0.96 on fixrsvp: no model's trial average can correlate better                                                                  -
not visual           false     0.180       -  held-out counts follow the best prediction tried with r 0.18, p 0.006; 36 repeats of fixrsvp agree with p 0.002                        -
masked bins          false     0.000       -  0% of the recording's valid bins, 0 of 623 held-out ones                                                                               -
drifting rate        false     0.000       -  observed over predicted goes from 0.87 to 0.83, first to last quarter, p 0.20; a gain that follows: -0.005 bits/spike                  -
latency              false     0.000       -  no shift up to 8 bins tells the counts better; fields peak at 51.1 ms, the model's at 55.6 ms                                          -
readout's width      false     0.000       -  widths 0.36 and 1.03 feature px, the configuration's clamp at 1.50: free                                                               -
readout's weights    false     0.000       -  a readout fitted to this recording: +0.13 bits/spike beyond gain and offset, z 1.17                                                    -
starved in the loss  false         -       -  this head is not known to be trained on this stimulus with the core                                                                    -
cell 3 of Sim_2025-01-17: twin on sim/gaborium, -1.007 bits/spike held out
"""##,
    ##"why twin on sim/fixrsvp --quick | group cause | summarize count() mean(bits_per_spike)"##: ##"""
cause           count  mean_bits_per_spike
──────────────  ─────  ───────────────────
-                   4               0.2970
gain or offset      6               0.0808
not visual          2              -0.0613
few spikes          4              -0.3408
"""##,
    ##"predict twin on sim/gaborium as raw --replace; compare raw twin on sim/gaborium"##: ##"""
name          raw
cells         16
frames        623
split         val
mean_rate_hz  22.86
twin  baseline  cells_of  cells  difference  lower  upper  q  better  worse   score  baseline_score  median  median_lower  median_upper  p  p_sign  effect_size  d
────  ────────  ────────  ─────  ──────────  ─────  ─────  ─  ──────  ─────  ──────  ──────────────  ──────  ────────────  ────────────  ─  ──────  ───────────  ─
twin  raw       all          16           0      0      0  -       0      0  -1.180          -1.180       0             0             0  -       -            -  -
bits_per_spike, split val
"""##,
    ##"predict twin on sim/gaborium as raw --replace; compare raw twin on sim/gaborium --metric r --cells | head 5"##: ##"""
name          raw
cells         16
frames        623
split         val
mean_rate_hz  22.86
session         subject  stimulus  cid  rate_hz  twin  baseline    score  baseline_score  difference  reason
──────────────  ───────  ────────  ───  ───────  ────  ────────  ───────  ──────────────  ──────────  ──────
Sim_2025-01-17  Sim      gaborium    0     9.44  twin  raw        0.2303          0.2303           0  -
Sim_2025-01-17  Sim      gaborium    1    13.29  twin  raw        0.0590          0.0590           0  -
Sim_2025-01-17  Sim      gaborium    2     7.70  twin  raw        0.2084          0.2084           0  -
Sim_2025-01-17  Sim      gaborium    3     8.86  twin  raw        0.1060          0.1060           0  -
Sim_2025-01-17  Sim      gaborium    4     3.08  twin  raw       -0.0688         -0.0688           0  -
r, split val
"""##,
    ##"eval twin on sim/gaborium; leaderboard"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 10 more lines
"""##,
    ##"eval twin on sim/gaborium; leaderboard --metric r --weight subject | where stimulus == 'gaborium'"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 10 more lines
"""##,
    ##"predict twin on sim/gaborium --split all as gaborium-rates --replace"##: ##"""
name          gaborium-rates
cells         16
frames        3165
split         all
mean_rate_hz  22.89
"""##,
    ##"neurons twin on sim/gaborium | where bits_per_spike < 0.1 | sort rate_hz | head 10"##: ##"""
cid  rate_hz  spikes  valid_bins  bits_per_spike_train  bits_per_spike  r_train        r    gain    offset  bits_per_spike_calibrated  center_y  center_x  std_y  std_x  reason
───  ───────  ──────  ──────────  ────────────────────  ──────────────  ───────  ───────  ──────  ────────  ─────────────────────────  ────────  ────────  ─────  ─────  ──────
  5    2.119      11         623                -0.957          -0.821   0.0906   0.0126  0.0860   0.01408                    -0.2420     0.663     1.283  2.842  1.151  -
  4    3.082      16         623                -0.068          -0.569   0.0217  -0.0688  0.0000   0.02568                    -0.7484     0.280     1.240  1.902  2.022  -
 11    3.082      16         623                -1.773          -2.430  -0.0074  -0.0430  0.0000   0.02568                    -0.0061    -0.748     1.281  2.182  2.187  -
  6    4.815      25         623                -0.045          -0.017  -0.0071   0.0262  0.4832   0.01710                    -0.2795    -0.634     0.373  2.629  2.418  -
 12    5.008      26         623                -0.743          -0.753   0.0325  -0.0140  0.0000   0.04173                    -0.0142    -0.635    -1.460  2.021  1.568  -
  7    5.201      27         623                -1.889          -2.433   0.0255   0.0807  0.2689  -0.00543                     0.0934    -1.227     0.802  2.617  2.643  -
 10    7.319      38         623                -0.042          -0.102  -0.0087  -0.0379  0.0000   0.06100                    -0.0380     0.914     0.265  2.725  1.829  -
  2    7.705      40         623                -2.115          -2.737   0.2357   0.2084  0.1640   0.01506                     0.2882    -0.412    -0.971  2.567  0.876  -
 13    8.090      42         623                -2.509          -2.144   0.2019   0.2270  0.2290   0.00159                     0.0082    -1.010    -0.071  3.092  1.456  -
  9    8.283      43         623                -1.892          -2.942   0.0583   0.0256  0.0532   0.05261                    -0.0206    -2.216     0.742  1.118  2.492  -
twin on sim/gaborium, held-out trials
"""##,
    ##"neuron twin 3 on sim/fixrsvp"##: ##"""
cell 3 of Sim_2025-01-17: twin on sim/fixrsvp

scores
  trials    rate_hz  spikes  valid_bins  bits_per_spike       r     nll  reason
  ────────  ───────  ──────  ──────────  ──────────────  ──────  ──────  ──────
  train       23.27     365        1882          0.3963  0.3156  0.4588  -
  held-out    23.40     110         564          0.3407  0.2712  0.4678  -

gain and offset
    gain   offset  bits_per_spike  with_gain  with_both    bought  reason
  ──────  ───────  ──────────────  ─────────  ─────────  ────────  ──────
  0.8271  0.02949          0.3407     0.2832     0.2943  -0.04640  -
  scored on the half of the trials that was not fitted
… 53 more lines
"""##,
    ##"sta twin on sim/gaborium"##: ##"""
cid  spikes  map  peak_lag  peak_lag_ms    snr  snr_sta  snr_ste  modulation_index  center_y  center_x  area_px  map_model  peak_lag_model  peak_lag_ms_model  snr_model  snr_sta_model  snr_ste_model  modulation_index_model  center_y_model  center_x_model  area_px_model    r_sta    r_ste  reason
───  ──────  ───  ────────  ───────────  ─────  ───────  ───────  ────────────────  ────────  ────────  ───────  ─────────  ──────────────  ─────────────────  ─────────  ─────────────  ─────────────  ──────────────────────  ──────────────  ──────────────  ─────────────  ───────  ───────  ──────
  0     208  sta      5.17         43.1  5.409    5.409    3.427           -0.2243      0.95     -0.48       35  sta                  6.24               52.0      10.60          10.60          3.773                 -0.4751           1.351          -0.809             28   0.4020   0.2148  -
  1     316  ste      5.93         49.4  5.756    3.498    5.756            0.2439      5.29      0.86       17  sta                  5.33               44.4       7.81           7.81          2.807                 -0.4714           3.919           4.582             21   0.1042   0.1788  -
  2     234  ste     12.13        101.1  5.948    5.190    5.948            0.0680      3.27     -1.14       25  sta                 11.82               98.5      10.34          10.34          4.788                 -0.3669          -3.430          -0.029             28   0.5369   0.3598  -
  3     220  sta      6.13         51.1  7.035    7.035    3.726           -0.3076     -2.84      2.62       35  sta                  6.67               55.6      10.55          10.55          2.971                 -0.5605          -2.332           1.597             38   0.3976   0.2487  -
  4     105  ste     10.49         87.4  4.088    3.693    4.088            0.0508     -7.57     -4.20       33  sta                  5.50               45.8      10.68          10.68          3.929                 -0.4622           2.651           0.668             22   0.0230   0.0691  -
  5      49  ste      5.73         47.7  5.187    2.708    5.187            0.3141    -11.65      3.53       10  sta                  5.50               45.8      10.24          10.24          3.660                 -0.4733           1.281          -1.469             30   0.1270   0.1080  -
  6     144  ste     12.97        108.1  4.081    3.129    4.081            0.1321      6.03     -3.91       11  sta                  5.42               45.2      14.30          14.30          4.212                 -0.5449          -3.439          -0.082             27   0.0147  -0.0244  -
  7     157  sta     15.64        130.3  3.947    3.947    3.578           -0.0490     -2.53      1.87       13  sta                 14.43              120.3       4.20           4.20          3.326                 -0.1163           0.455           2.157             31   0.0845   0.1229  -
  8     677  sta      6.39         53.2  8.146    8.146    4.696           -0.2687      2.84     -2.00       25  sta                  6.62               55.2       9.89           9.89          5.094                 -0.3199           2.762          -2.040             24   0.5961   0.4283  -
  9     255  ste      7.67         63.9  4.369    3.472    4.369            0.1145      3.38     -2.31       29  sta                 13.58              113.2       4.30           4.30          3.764                 -0.0664          -0.477          -0.211             29   0.1357   0.0578  -
 10     178  sta      4.17         34.7  3.418    3.418    3.550            0.0189      4.23     -5.70       21  sta                 12.29              102.4       8.83           8.83          2.787                 -0.5202          -1.108          -0.627             35  -0.0400   0.0028  -
… 6 more lines
"""##,
    ##"sta twin on sim/gaborium | where snr > 6 | select cid peak_lag peak_lag_model r_sta | sort r_sta --reverse"##: ##"""
cid  peak_lag  peak_lag_model    r_sta
───  ────────  ──────────────  ───────
  8      6.39            6.62   0.5961
 15      6.00           12.45   0.4870
  3      6.13            6.67   0.3976
 12     10.04            6.00   0.0878
 11      7.30            5.41  -0.0321
twin on sim/gaborium, split all, 3165 frames, 18 lags
"""##,
    ##"sta twin on sim/gaborium --whiten --map ste --save /tmp/vcsh-example-sta.npz"##: ##"""
cid  spikes  map  peak_lag  peak_lag_ms    snr  snr_sta  snr_ste  modulation_index  center_y  center_x  area_px  map_model  peak_lag_model  peak_lag_ms_model  snr_model  snr_sta_model  snr_ste_model  modulation_index_model  center_y_model  center_x_model  area_px_model    r_sta   r_ste  reason
───  ──────  ───  ────────  ───────────  ─────  ───────  ───────  ────────────────  ────────  ────────  ───────  ─────────  ──────────────  ─────────────────  ─────────  ─────────────  ─────────────  ──────────────────────  ──────────────  ──────────────  ─────────────  ───────  ──────  ──────
  0     208  ste     11.90         99.1  6.250    2.889    6.250            0.3678    -11.26     11.67        5  ste                 10.22               85.2       8.91          3.142           8.91                  0.4787          -11.59           11.58              4   0.3314  0.2431  -
  1     316  ste     12.96        108.0  5.675    3.349    5.675            0.2577     10.20      1.59       21  ste                 14.22              118.5       6.57          7.408           6.57                 -0.0603           -6.08           -7.36             42   0.1563  0.1382  -
  2     234  ste      2.05         17.1  4.797    3.488    4.797            0.1580     -3.31     -9.44       39  ste                 11.84               98.6       5.78          7.914           5.78                 -0.1555           -1.31            2.06             56   0.4194  0.2792  -
  3     220  ste      3.00         25.0  4.452    3.644    4.452            0.0998     11.73      0.56        6  ste                 10.97               91.4       4.10          3.528           4.10                  0.0752           -5.71          -10.79             17   0.3517  0.2778  -
  4     105  ste     11.50         95.8  4.866    4.228    4.866            0.0701     -7.44     -8.17       42  ste                 15.24              127.0       5.64          4.758           5.64                  0.0848           11.73           -9.09             12   0.0301  0.1421  -
  5      49  ste      5.00         41.7  9.172    3.324    9.172            0.4680    -10.27     -4.84       15  ste                 17.00              141.7       4.68          3.904           4.68                  0.0905           -7.39          -11.72              6   0.1230  0.1552  -
  6     144  ste      9.72         81.0  5.087    3.255    5.087            0.2195     10.08      6.53       17  ste                 17.00              141.7       9.98          6.480           9.98                  0.2125            4.62          -11.36             12   0.0520  0.0306  -
  7     157  ste     16.23        135.2  4.075    3.813    4.075            0.0332      4.48     10.11       13  ste                 17.00              141.7       7.34          6.094           7.34                  0.0929            6.84           11.70              5   0.1030  0.1572  -
  8     677  ste     14.73        122.7  4.827    3.737    4.827            0.1272     -7.17      7.34       44  ste                  2.86               23.8       4.86          3.195           4.86                  0.2071           10.65            9.80             19   0.5666  0.4248  -
  9     255  ste      2.21         18.4  3.964    4.164    3.964           -0.0246     10.35    -11.22       11  ste                 17.00              141.7       4.76          4.136           4.76                  0.0706            3.63           10.13             27   0.1468  0.1343  -
 10     178  ste      3.06         25.5  3.955    3.776    3.955            0.0232     10.81     -1.24       17  ste                 17.00              141.7      11.66          7.802          11.66                  0.1982            4.23          -11.49             10   0.0500  0.0462  -
… 6 more lines
"""##,
    ##"rf twin 8 on sim/gaborium"##: ##"""
cell 8 of Sim_2025-01-17: twin on sim/gaborium

numbers
  field  map  peak_lag  peak_lag_ms  snr_sta  snr_ste  modulation_index  center_y  center_x  area_px
  ─────  ───  ────────  ───────────  ───────  ───────  ────────────────  ────────  ────────  ───────
  data   sta     6.389        53.24    8.146    4.696           -0.2687     2.840    -2.000       25
  model  sta     6.624        55.20    9.887    5.094           -0.3199     2.762    -2.040       24
  677 spikes, 3165 frames; r_sta 0.596, r_ste 0.428

data's field                                                model's field
  cell 8: data, STA at lag 6                                  cell 8: model, STA at lag 7
  ┌──────────────────────────┐                                ┌──────────────────────────┐
  │▓▓▓▓▓▓▒▒▒▒▒▒▓▓▓▓▓▓▒▒▒▒▓▓▓▓│                                │▓▓▓▓▒▒▒▒▒▒▒▒▒▒▓▓▓▓▓▓▓▓▓▓▒▒│
… 35 more lines
"""##,
    ##"saccades nova/backimage | head 5"##: ##"""
trial  onset_s  offset_s  onset_frame  offset_frame  duration_ms  amplitude_deg  peak_speed  direction_deg
─────  ───────  ────────  ───────────  ────────────  ───────────  ─────────────  ──────────  ─────────────
  100    0.233     0.242           28            29        16.67          1.050        62.4          155.8
  100    0.442     0.450           53            54        16.67          0.634        37.5           97.6
  100    0.642     0.650           77            78        16.67          1.265        75.5          134.6
  100    0.842     0.850          101           102        16.67          0.258        18.8          110.9
  100    1.042     1.050          125           126        16.67          1.901       114.6         -104.9
166 saccades in 4634 frames at 120 Hz; faster than 8.31 x 8.44 deg/s (lambda 6, velocities of 3 frames); left out: 102 frames without valid gaze, 3 cut off by a trial's end, a gap or invalid gaze
"""##,
    ##"saccades nova/backimage | plot x=amplitude_deg y=peak_speed --log xy"##: ##"""
peak_speed against amplitude_deg
peak_speed (deg/s)
500 ┤
    │                                                                        • •
    │                                                                 •••  •
200 ┤                                                           •••••
    │                                                     •••••••
    │                                                ••••••
100 ┤                                          •••••
    │                                   •••••••
 50 ┤                              •••• •
    │                         •••
    │                     • •
… 8 more lines
"""##,
    ##"saccades nova/backimage --lambda 4 | summarize mean(amplitude_deg) median(duration_ms) count()"##: ##"""
mean_amplitude_deg  median_duration_ms  count
──────────────────  ──────────────────  ─────
             2.065               16.67    170
"""##,
    ##"triggered twin on sim/gaborium --event trial --split all --cell 8 --bin 50 --to 400"##: ##"""
cid  time_ms  events  data_hz  data_low  data_high  model_hz  reason
───  ───────  ──────  ───────  ────────  ─────────  ────────  ───────────────
  8     20.8       0        -         -          -         -  all bins masked
  8     70.8       0        -         -          -         -  all bins masked
  8    120.8       0        -         -          -         -  all bins masked
  8    170.8      15    35.29     16.50      55.51     64.59  -
  8    220.8      14    11.43      2.67      22.86     33.44  -
  8    270.8      14    22.86      6.67      41.43     92.79  -
  8    320.8      14    44.29     22.86      68.57     82.70  -
  8    370.8      15    13.79      2.76      28.00     42.25  -
twin on sim/gaborium, split all, 15 trials
"""##,
    ##"triggered twin on sim/fixrsvp --event trial --split all --summary | sort r --reverse | head 5"##: ##"""
cid  events  spikes  rate_hz  rate_hz_model  peak_ms  peak_ms_model  modulation  modulation_model       r  reason
───  ──────  ──────  ───────  ─────────────  ───────  ─────────────  ──────────  ────────────────  ──────  ──────
  2      36     538    26.32          47.16    575.0          575.0       1.277             1.076  0.8741  -
 13      36     281    13.93          25.54    466.7          466.7       1.928             1.308  0.8707  -
  0      36     341    16.62          22.88    275.0          283.3       1.623             1.093  0.8417  -
  3      36     475    23.50          23.93    533.3          708.3       1.485             0.969  0.5330  -
  5      36      97     4.73           5.11    250.0          275.0       1.673             0.890  0.5262  -
twin on sim/fixrsvp, split all, 36 trials by their place in the repeated sequence
"""##,
    ##"triggered twin on sim/fixrsvp --event trial --split all --cell 8 --figure /tmp/vcsh-example-psth.svg | where data_low > 60"##: ##"""
cid  time_ms  events  data_hz  data_low  data_high  model_hz  reason
───  ───────  ──────  ───────  ────────  ─────────  ────────  ──────
  8    225.0      34    134.1      94.5      172.9     113.2  -
  8    233.3      34    225.9     169.4      281.3     162.2  -
  8    241.7      34    123.5      85.7      161.2      27.8  -
  8    491.7      33    123.6      86.2      162.4      31.2  -
  8    500.0      33     94.5      61.8      131.6      42.4  -
twin on sim/fixrsvp, split all, 36 trials by their place in the repeated sequence; no value of data_low in 29 of the 85 rows left out
"""##,
    ##"raster twin 8 on sim/fixrsvp --split all"##: ##"""
cell 8 of Sim_2025-01-17: twin on sim/fixrsvp

numbers
  cid  events  spikes  rate_hz  rate_hz_model  peak_ms  peak_ms_model  modulation  modulation_model       r  reason
  ───  ──────  ──────  ───────  ─────────────  ───────  ─────────────  ──────────  ────────────────  ──────  ──────
    8      36     520    25.60          37.18    233.3          233.3       1.541            0.9740  0.4817  -
  36 trials by their place in the repeated sequence, split all

spikes                                                      rate
  cell 8: spikes by trial                                     cell 8: rate over 36 trials
  trial, in order                                             Hz
  40 ┤                                                        300 ┤
     │⢀  ⠠ ⡀⢤⢰⡴     ⠄ ⠄  ⠂        ⢠⣔⢠     ⢠ ⢀ ⠂      ⡀ ⠠⡆⠂        │       ⡃
… 14 more lines
"""##,
    ##"help tuning"##: ##"""
tuning: Tuning to gratings, data and twin: orientation, spatial frequency, F1/F0

usage
  tuning TWIN on REC/STIM [as NAME] [--split train|val|all] [--head HEAD] [--no-behavior] [--cell CID] [--by orientation|frequency] [--longest-lag FLOAT] [--phase-column INT] [--replace]

arguments
  TWIN         The twin
  on REC/STIM  The recording's stimulus, with gratings
  as NAME      Keep the table under this name (optional)

flags
  --split train|val|all       Frames of this split of the trials (default val)
  --head HEAD                 The head by session or number, where the recording's session has none
… 23 more lines
"""##,
    ##"report twin on sim --html /tmp/vcsh-example-report.html"##: ##"""
twin on sim

Summary
  On fixrsvp (all trials) the mean cell scores 0.0749 (-0.149 to 0.292) bits/spike, the median cell -0.00876; 8 of 16 cells no better than a constant rate. Mean correlation with single bins: 0.184 (0.104 to 0.272). Of what the noise allows the mean cell reaches cc_norm 0.454 (0.305 to 0.612), over 14 of 16 cells.
  On gaborium (all trials) the mean cell scores -1.02 (-1.44 to -0.638) bits/spike, the median cell -0.807; 16 of 16 cells no better than a constant rate. Mean correlation with single bins: 0.108 (0.0532 to 0.168).
  The recording has no stimulus that the twin was trained on.

  twin          twin: checkpoints/twin.ckpt
  architecture  2 heads, output softplus; adapters: scale to 21x21; frontend: learned temporal filters, 12x1x1 conv 1 to 4, hann window; convnet: resnet; recurrent: convgru 32 to 16, 3x3; readouts: gaussian readout of 16 cells; 69733 values
  training      epoch 16, step 4250, val_loss 0.264
  trained on    nothing of this recording
  weights       ae061669f9ff91a8
  recording     sim: session Sim_2025-01-17 of Sim, 16 cells, 120 bins a second, head 1
… 24 more lines
"""##,
    ##"report twin on sim --fields fixrsvp > /tmp/vcsh-example-report.md"##: ##"""

"""##,
    ##"calibrate twin on sim/gaborium --split all"##: ##"""
cid    gain    offset  bits_per_spike  bits_per_spike_gain  bits_per_spike_calibrated  nll_calibrated  converged  reason
───  ──────  ────────  ──────────────  ───────────────────  ─────────────────────────  ──────────────  ─────────  ──────
  0  0.2178   0.02062          -1.219               0.2280                     0.3225          0.2299  true       -
  1  0.3247   0.01988          -0.775               0.0335                     0.0177          0.3287  true       -
  2  0.1941   0.01254          -2.218               0.4012                     0.4199          0.2450  true       -
  3  0.3490  -0.00088          -0.839               0.3677                     0.3624          0.2374  true       -
  4  0.0642   0.03031          -0.135              -0.0755                    -0.0106          0.1464  true       -
  5  0.2860   0.00310          -0.923               0.0600                    -0.0032          0.0800  true       -
  6  0.0000   0.04550          -0.038              -0.0433                    -0.0460          0.1875  true       -
  7  0.1153   0.02869          -1.980              -0.0267                    -0.0116          0.1990  true       -
  8  0.3070   0.04969          -0.392               0.4511                     0.6164          0.4524  true       -
  9  0.1122   0.04692          -2.065              -0.0523                     0.0181          0.2825  true       -
 10  0.0000   0.05624          -0.054              -0.0622                    -0.0124          0.2186  true       -
… 6 more lines
"""##,
    ##"calibrate twin on sim/gaborium --split all --mode gain | select cid gain bits_per_spike_gain | head 3"##: ##"""
cid    gain  bits_per_spike_gain
───  ──────  ───────────────────
  0  0.3173               0.2280
  1  0.4054               0.0335
  2  0.2338               0.4012
twin on sim/gaborium, split all, gain, scored on the half of the trials that was not fitted
"""##,
    ##"gain twin on sim --split all | group stimulus | summarize mean(gain) mean(lost_to_scale) mean(lost_to_offset)"##: ##"""
stimulus  mean_gain  mean_lost_to_scale  mean_lost_to_offset
────────  ─────────  ──────────────────  ───────────────────
fixrsvp      0.5169               0.152              0.03801
gaborium     0.1795               1.099              0.05197
"""##,
    ##"gain twin on sim --split all --statistics"##: ##"""
stimulus  statistic              value  unit  trials      rho       p       q  reason
────────  ──────────────────  ────────  ────  ──────  ───────  ──────  ──────  ──────
fixrsvp   contrast                0.12  -         36  -0.0984  0.5819  0.6983  -
fixrsvp   mean                  -0.033  -         36  -0.3483  0.0425  0.2551  -
fixrsvp   temporal_frequency     13.86  Hz        36  -0.1412  0.4277  0.6983  -
gaborium  contrast                0.11  -         15   0.0393  0.8948  0.8948  -
gaborium  mean                -8.6e-05  -         15  -0.2071  0.4794  0.6983  -
gaborium  temporal_frequency     22.24  Hz        15  -0.3321  0.2454  0.6983  -
twin on sim, split all
"""##,
    ##"favour twin on sim/gaborium | sort rate_hz --reverse | head 4"##: ##"""
cid  rate_hz  bits_per_spike       r  loss_share  readout_share  core_share  weight   loss_w  readout_w   core_w  reason
───  ───────  ──────────────  ──────  ──────────  ─────────────  ──────────  ──────  ───────  ─────────  ───────  ──────
  8    27.29          -0.215  0.3900      0.1271         0.1366      0.1961  0.2150  0.03611    0.04152  0.06335  -
 15    22.38          -0.070  0.2667      0.1034         0.0967      0.1550  0.2622  0.03583    0.03585  0.06107  -
  1    11.66          -0.825  0.0764      0.0779         0.0772      0.0411  0.5032  0.05179    0.05493  0.03107  -
  9    10.01          -1.892  0.0583      0.0872         0.1083      0.0779  0.5863  0.06756    0.08977  0.06864  -
twin on sim/gaborium, split train, 2542 frames, loss 0.2936 nats/bin; the 4 cells of 16 with the highest rates: 40 % of the deviance, 42 % of the gradient on the readouts, 47 % of that on the core (22 % under inverse-rate weights); rank correlation with the rate: r 0.68, gradient on the core 0.85 (0.19); it was trained on backimage
"""##,
    ##"favour twin on sim/gaborium --summary"##: ##"""
quantity          cells      rho        p  top_quarter    rho_w     p_w  top_quarter_w  reason
────────────────  ─────  ───────  ───────  ───────────  ───────  ──────  ─────────────  ──────────────────────
bits_per_spike       16  -0.0941   0.7410            -        -       -              -  scores are no shares
r                    16   0.6794   0.0037            -        -       -              -  scores are no shares
loss                 16   0.9706  1.8e-13       0.4015  -0.5618  0.0261         0.1946  -
deviance             16   0.9676  6.3e-13       0.3957  -0.5029  0.0527         0.1913  -
gained               16  -0.4059   0.1315            -  -0.0941  0.7410              -  adds up to less than 0
gradient_readout     16   0.7941  0.00015       0.4189   0.0588  0.8366         0.2221  -
gradient_core        16   0.8529  9.1e-06       0.4702   0.1853  0.5115         0.2241  -
twin on sim/gaborium, split train, 2542 frames, loss 0.2936 nats/bin; the 4 cells of 16 with the highest rates: 40 % of the deviance, 42 % of the gradient on the readouts, 47 % of that on the core (22 % under inverse-rate weights); rank correlation with the rate: r 0.68, gradient on the core 0.85 (0.19); it was trained on backimage
"""##,
    ##"favour twin on sim/gaborium | plot rate_hz core_share"##: ##"""
core_share against rate_hz
core_share
0.20 ┤                                                                         •
     │
     │
0.15 ┤                                                           •
     │
     │
     │
0.10 ┤                •    •
     │
     │                •      •
     │                  •
… 8 more lines
"""##,
    ##"refit twin readout on nova/backimage as twin-nova --replace | sort bits_per_spike_val --reverse"##: ##"""
cid  nll_train  nll_val  bits_per_spike_val  center_y  center_x  std_y  std_x    theta  converged  reason
───  ─────────  ───────  ──────────────────  ────────  ────────  ─────  ─────  ───────  ─────────  ─────────────────────────────────────
 11     0.1797   0.2178               1.711     0.961    -0.818  0.223  0.695  -0.0868  true       -
  1     0.3109   0.2919               1.008     0.180     1.174  0.883  0.100   0.3408  true       width at its lower limit
  4     0.3564   0.4136               0.928     0.583     2.000  1.098  2.140   0.0806  true       centre at the edge of the feature map
  7     0.4287   0.4285               0.413    -0.972     0.015  1.188  0.223   0.0608  true       -
  3     0.2252   0.2414               0.055    -0.529     1.327  1.012  1.951   0.2412  true       -
  9     0.3184   0.3909              -0.046     2.000     1.157  2.965  0.447   0.6175  true       centre at the edge of the feature map
  0     0.5046   0.5044              -0.054     1.212    -0.929  0.100  0.385  -0.8097  true       -
 10     0.5292   0.6716              -0.120    -0.873     0.963  0.569  0.114  -0.4150  true       -
  5     0.0911   0.1044              -0.162    -2.000    -1.538  0.100  2.053  -0.7660  true       centre at the edge of the feature map
  6     0.0717   0.1152              -0.245    -1.782    -1.323  1.619  0.209   0.2226  true       -
  2     0.1270   0.1325              -0.390    -0.373     0.182  2.348  1.425  -0.0121  true       -
… 2 more lines
"""##,
    ##"check twin"##: ##"""
severity  part      layer                      problem                                                                                                    shapes  remedy
────────  ────────  ─────────────────────────  ─────────────────────────────────────────────────────────────────────────────────────────────────────────  ──────  ──────────────────────────────────────────────────
warning   frontend  frontend.params.causal     without effect: the convolution is never padded                                                            -       leave it out: VisionCore passes over it in silence
warning   frontend  frontend.params.init_type  without effect: with windows or weight norm the kernels start from torch's default, whatever is asked for  -       leave it out: VisionCore passes over it in silence
warning   readout   readout.params.n_units     without effect: 8 is overruled by the number of cids: the heads have 16, 24 cells                          -       leave it out: VisionCore passes over it in silence
0 errors, 3 warnings
"""##,
    ##"check twin on sim"##: ##"""
severity  part      layer                      problem                                                                                                    shapes  remedy
────────  ────────  ─────────────────────────  ─────────────────────────────────────────────────────────────────────────────────────────────────────────  ──────  ──────────────────────────────────────────────────
warning   frontend  frontend.params.causal     without effect: the convolution is never padded                                                            -       leave it out: VisionCore passes over it in silence
warning   frontend  frontend.params.init_type  without effect: with windows or weight norm the kernels start from torch's default, whatever is asked for  -       leave it out: VisionCore passes over it in silence
warning   readout   readout.params.n_units     without effect: 8 is overruled by the number of cids: the heads have 16, 24 cells                          -       leave it out: VisionCore passes over it in silence
0 errors, 3 warnings
"""##,
    ##"check twin --input 25x51x51 | where severity == 'error'"##: ##"""
severity  part  layer  problem  shapes  remedy
────────  ────  ─────  ───────  ──────  ──────
no rows
0 errors, 3 warnings
"""##,
    ##"tree twin"##: ##"""
twin

architecture, for input 1x18x25x25 (channel, time, height, width)
  twin                           69733  2 heads, output softplus
  ├ adapters         1x18x21x21      6  2 heads
  │ ├ adapters.0     1x18x21x21      3  scale to 21x21, Sim_2025-01-10
  │ └ adapters.1     1x18x21x21      3  scale to 21x21, Sim_2025-01-17
  ├ frontend         4x7x21x21      48  learned temporal filters, 12x1x1 conv 1 to 4, hann window
  ├ convnet          32x3x4x4    48015  resnet
  │ ├ stem           8x7x17x17     813  block
  │ │ ├ conv.conv    4x7x17x17     804  1x5x5 conv 4 to 4, weight norm, hann window
  │ │ ├ norm         4x7x17x17       8  rms norm over channels
  │ │ └ act          8x7x17x17       1  split relu
… 25 more lines
"""##,
    ##"tree twin --input 25x51x51 --depth 2"##: ##"""
twin

architecture, for input 1x25x51x51 (channel, time, height, width)
  twin                        69733  2 heads, output softplus
  ├ adapters      1x25x21x21      6  2 heads
  │ ├ adapters.0  1x25x21x21      3  scale to 21x21, Sim_2025-01-10
  │ └ adapters.1  1x25x21x21      3  scale to 21x21, Sim_2025-01-17
  ├ frontend      4x14x21x21     48  learned temporal filters, 12x1x1 conv 1 to 4, hann window
  ├ convnet       32x7x4x4    48015  resnet
  │ ├ stem        8x14x17x17    813  block (3 more below)
  │ ├ layers.0    32x7x6x6    19505  residual block (2 more below)
  │ └ layers.1    32x7x4x4    27697  residual block (1 more below)
  ├ recurrent     16x7x4x4    20784  convgru 32 to 16, 3x3
… 12 more lines
"""##,
    ##"params twin"##: ##"""
name                                                                               part       head  shape        dtype    count   norm      mean      sd    zeros  not_finite  silent_taps  status  reason
─────────────────────────────────────────────────────────────────────────────────  ─────────  ────  ───────────  ───────  ─────  ─────  ────────  ──────  ───────  ──────────  ───────────  ──────  ────────────────────────────────────────────────────────────
adapters.0.log_sigma                                                               adapter       0  scalar       float32      1   0.54     0.541  0.0000  0.00000           0            -  fixed   the blur is made from its number: no gradient reaches it
adapters.0.log_scale                                                               adapter       0  2            float32      2   0.67     0.462  0.1074  0.00000           0            -  used    -
adapters.1.log_sigma                                                               adapter       1  scalar       float32      1   0.54     0.541  0.0000  0.00000           0            -  fixed   the blur is made from its number: no gradient reaches it
adapters.1.log_scale                                                               adapter       1  2            float32      2   0.42     0.280  0.0963  0.00000           0            -  used    -
frontend.temporal_conv.conv.parametrizations.weight.original                       frontend      -  4x1x12x1x1   float32     48   3.22     0.134  0.4454  0.08333           0       0.1667  used    2 of 12 taps zeroed by the hann window
convnet.layers.0.main_block.components.conv.conv.parametrizations.weight.original  convnet       -  16x8x3x5x5   float32   9600   2.31  -1.9e-05  0.0236  0.00000           0            -  dead    weight norm works with 0.v and 0.g; `original` is never read
convnet.layers.0.main_block.components.conv.conv.parametrizations.weight.0.v       convnet       -  16x8x3x5x5   float32   9600  12.08   -0.0011  0.1233  0.00000           0       0.6400  used    48 of 75 taps zeroed by the hann window
convnet.layers.0.main_block.components.conv.conv.parametrizations.weight.0.g       convnet       -  16           float32     16   4.00     1.000  0.0000  0.00000           0            -  fixed   keep_unit_norm: no gradient reaches it
convnet.layers.0.main_block.components.norm.gamma                                  convnet       -  1x16x1x1x1   float32     16   0.69    -0.152  0.0797  0.00000           0            -  used    -
convnet.layers.0.main_block.components.norm.beta                                   convnet       -  1x16x1x1x1   float32     16   0.19    -0.017  0.0447  0.00000           0            -  used    -
convnet.layers.0.main_block.components.act.ongain                                  convnet       -  1            float32      1   1.00     1.000  0.0000  0.00000           0            -  fixed   the gain is not trainable: no gradient reaches it
… 30 more lines
"""##,
    ##"params twin convnet | where status == 'dead' | select name reason"##: ##"""
name                                                                               reason
─────────────────────────────────────────────────────────────────────────────────  ────────────────────────────────────────────────────────────
convnet.layers.0.main_block.components.conv.conv.parametrizations.weight.original  weight norm works with 0.v and 0.g; `original` is never read
convnet.layers.1.main_block.components.conv.conv.parametrizations.weight.original  weight norm works with 0.v and 0.g; `original` is never read
convnet.stem.components.conv.conv.parametrizations.weight.original                 weight norm works with 0.v and 0.g; `original` is never read
19 tensors of 48015 values; dead: 3 tensors of 23824 values
"""##,
    ##"params twin 'readouts.*.std' | select name mean sd"##: ##"""
name              mean      sd
──────────────  ──────  ──────
readouts.0.std  0.9479  0.3313
readouts.1.std  0.9955  0.3650
2 tensors of 80 values; dead: 0 tensors of 0 values
"""##,
    ##"temporal twin"##: ##"""
kernel    weight_lag0  peak_ms  mean_ms  dc_share  high_pass  peak_hz  zero_taps  remark
────────  ───────────  ───────  ───────  ────────  ─────────  ───────  ─────────  ────────────────────────────────────────────────────
filter 0            0    16.67    32.45    0.0018     0.9237     9.38          2  taps 0 and 11 can't move: the hann window is 0 there
filter 1            0    33.33    48.79    0.0023     0.9271    10.31          2  taps 0 and 11 can't move: the hann window is 0 there
filter 2            0    41.67    39.00    0.4128    1.8e-05     0.94          2  taps 0 and 11 can't move: the hann window is 0 there
filter 3            0    50.00    50.77    0.6939     0.0000     0.00          2  taps 0 and 11 can't move: the hann window is 0 there
frontend of twin, 4 kernels of 12 taps; tap j of output step t reads lag t + j, so a tap is no lag; the readout takes the last step, which looks furthest back
"""##,
    ##"temporal twin --by frequency | plot hz power --by kernel"##: ##"""
power against hz by kernel
power
15 ┤
   │x
   │ xx
   │   x
   │    x        o
10 ┤+++++ x+  o o oo
   │       x++      o
   │        o + +    o
   │       ox   ⡀+     o
 5 ┤         x⠈   +⠠
   │      o⡀⠈ x    +⠈⠠  o
… 9 more lines
"""##,
    ##"temporal twin on sim/gaborium --windows 16 | select cid weight_lag0 peak_ms mean_ms mean_se | head 5"##: ##"""
cid  weight_lag0  peak_ms  mean_ms  mean_se
───  ───────────  ───────  ───────  ───────
  0            0    75.00    85.80    5.357
  1            0    41.67    76.00    4.937
  2            0    58.33    78.69    2.355
  3            0    58.33    64.54    4.028
  4            0    41.67    70.81    2.611
twin on sim/gaborium, split val, 16 windows, random signs of 0.02 a pixel in one frame, up and down; on average none of the energy on lag 0, 47 % on the newer half of lags 0 to 17, peak at lag 5: it reads both sides alike; no cell answers at lag 0, 17
"""##,
    ##"temporal twin on sim/gaborium --windows 16 --data | where late_ms != null | select cid peak_ms data_ms model_ms late_ms"##: ##"""
cid  peak_ms  data_ms  model_ms  late_ms
───  ───────  ───────  ────────  ───────
  3    58.33    51.07      55.6     4.53
  8    75.00    53.24      55.2     1.96
 12    75.00    83.71      50.0   -33.72
 15    75.00    49.98     103.7    53.77
twin on sim/gaborium, split val, 16 windows, random signs of 0.02 a pixel in one frame, up and down; on average none of the energy on lag 0, 47 % on the newer half of lags 0 to 17, peak at lag 5: it reads both sides alike; no cell answers at lag 0, 17; fields of 3165 frames: 4 of 16 cells have one with an SNR of 6.5 or more, the twin's peaks 3.249 ms later in the median of 4
"""##,
    ##"temporal twin on sim/gaborium --windows 4 --step flash --by lag | where cid == 3"##: ##"""
cid  lag     ms  sensitivity    share  response
───  ───  ─────  ───────────  ───────  ────────
  3    0    0.0        0.000   0.0000     0.000
  3    1    8.3        0.079  5.7e-05    -0.010
  3    2   16.7        0.228  0.00048    -0.090
  3    3   25.0        0.277   0.0007    -0.193
  3    4   33.3        0.954   0.0084     0.414
  3    5   41.7        3.152   0.0914     1.826
  3    6   50.0        3.431   0.1083     2.281
  3    7   58.3        1.951   0.0350     1.651
  3    8   66.7        2.535   0.0591    -0.062
  3    9   75.0        4.486   0.1852    -1.807
  3   10   83.3        4.059   0.1517    -2.430
… 8 more lines
"""##,
    ##"open checkpoints/twin.ckpt as early --replace; diff early twin"##: ##"""
name      early
kind      twin
heads     2
sessions  Sim_2025-01-10, Sim_2025-01-17
status    opened
early (a) against twin (b)

configuration
  part  path  a  b
  ────  ────  ─  ─
  no rows
  the configurations agree

… 11 more lines
"""##,
    ##"open checkpoints/twin.ckpt as early --replace; diff early twin --tensors | where max_abs > 0"##: ##"""
name      early
kind      twin
heads     2
sessions  Sim_2025-01-10, Sim_2025-01-17
status    opened
name  name_b  part  session  shape  dtype  status  changed  max_abs  relative_l2  cosine  reason
────  ──────  ────  ───────  ─────  ─────  ──────  ───────  ───────  ───────────  ──────  ──────
no rows
tensors: 40 identical
"""##,
    ##"forward twin --input windows.npz --stages --output /tmp/vcsh-example.npz"##: ##"""
array        shape            mean
───────────  ────────────  ───────
out          4x24            0.159
s_adapter    4x1x18x21x21  -0.0049
s_frontend   4x4x7x21x21    -0.008
s_convnet    4x32x3x4x4      0.661
s_recurrent  4x16x3x4x4      0.071
s_readout    4x24           -2.208
"""##,
    ##"damage sim as drifting --cells 8 --drift 0.9 --replace"##: ##"""
name   drifting
kind   recording
fault  drift 0.9, cells 8, seed 42
cells  8
"""##,
    ##"damage twin as moved --head Sim_2025-01-17 --cells 8 --shift 2 --replace"##: ##"""
name   moved
kind   twin
fault  shift 2.0 on head 1, cells 8
cells  8
"""##,
    ##"freeze twin core"##: ##"""
twin     twin
frozen   core
tensors  26
of       40
values   68847
"""##,
    ##"freeze twin 'readouts.0.*'; unfreeze twin 'readouts.0.*'"##: ##"""
twin     twin
frozen   readouts.0.*
tensors  5
of       40
values   528
twin     twin
frozen   nothing
tensors  0
of       40
values   0
"""##,
    ##"unfreeze twin"##: ##"""
twin     twin
frozen   nothing
tensors  0
of       40
values   0
"""##,
    ##"eval twin on sim/gaborium | where bits_per_spike < 0.1 and reason == null"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 5 more lines
"""##,
    ##"eval twin on sim/gaborium | where rate_hz > median(rate_hz)"##: ##"""
cid  spikes  rate_hz  bits_per_spike       r     nll  reason
───  ──────  ───────  ──────────────  ──────  ──────  ──────
  0      49     9.44          -0.831  0.2303  0.3240  -
  1      69    13.29          -0.604  0.0590  0.4008  -
  3      46     8.86          -1.007  0.1060  0.3178  -
  8      99    19.07          -1.507  0.2808  0.6172  -
  9      43     8.28          -2.942  0.0256  0.3943  -
 13      42     8.09          -2.144  0.2270  0.3494  -
 14      43     8.28          -0.146  0.0956  0.2605  -
 15     128    24.65           0.157  0.3216  0.5082  -
twin on sim/gaborium, split val, 623 frames
"""##,
    ##"eval twin on sim/gaborium | where rate_hz > 5 Hz and reason == null"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
 12      26     5.01          -0.753  -0.0140  0.1961  -
 13      42     8.09          -2.144   0.2270  0.3494  -
 14      43     8.28          -0.146   0.0956  0.2605  -
… 2 more lines
"""##,
    ##"eval twin on sim/gaborium | sort bits_per_spike --reverse"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
 15     128    24.65           0.157   0.3216  0.5082  -
  6      25     4.82          -0.017   0.0262  0.1697  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
 14      43     8.28          -0.146   0.0956  0.2605  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  1      69    13.29          -0.604   0.0590  0.4008  -
 12      26     5.01          -0.753  -0.0140  0.1961  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  0      49     9.44          -0.831   0.2303  0.3240  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  8      99    19.07          -1.507   0.2808  0.6172  -
… 6 more lines
"""##,
    ##"eval twin on sim/gaborium | select cid bits_per_spike"##: ##"""
cid  bits_per_spike
───  ──────────────
  0          -0.831
  1          -0.604
  2          -2.737
  3          -1.007
  4          -0.569
  5          -0.821
  6          -0.017
  7          -2.433
  8          -1.507
  9          -2.942
 10          -0.102
… 6 more lines
"""##,
    ##"eval twin on sim/gaborium | sort rate_hz --reverse | head 3"##: ##"""
cid  spikes  rate_hz  bits_per_spike       r     nll  reason
───  ──────  ───────  ──────────────  ──────  ──────  ──────
 15     128    24.65           0.157  0.3216  0.5082  -
  8      99    19.07          -1.507  0.2808  0.6172  -
  1      69    13.29          -0.604  0.0590  0.4008  -
twin on sim/gaborium, split val, 623 frames
"""##,
    ##"eval twin on sim/gaborium | tail 3"##: ##"""
cid  spikes  rate_hz  bits_per_spike       r     nll  reason
───  ──────  ───────  ──────────────  ──────  ──────  ──────
 13      42     8.09          -2.144  0.2270  0.3494  -
 14      43     8.28          -0.146  0.0956  0.2605  -
 15     128    24.65           0.157  0.3216  0.5082  -
twin on sim/gaborium, split val, 623 frames
"""##,
    ##"eval twin on sim/gaborium | group reason | summarize count()"##: ##"""
reason  count
──────  ─────
-          16
"""##,
    ##"eval twin on sim/gaborium | summarize mean(bits_per_spike) sd(bits_per_spike) count()"##: ##"""
mean_bits_per_spike  sd_bits_per_spike  count
───────────────────  ─────────────────  ─────
             -1.180              1.040     16
"""##,
    ##"eval twin on sim/gaborium | summarize median(r) by reason"##: ##"""
reason  median_r
──────  ────────
-        0.06986
"""##,
    ##"eval twin on sim/gaborium | summarize mean(bits_per_spike) ci(mean, bits_per_spike)"##: ##"""
mean_bits_per_spike  mean_bits_per_spike_lower  mean_bits_per_spike_upper
───────────────────  ─────────────────────────  ─────────────────────────
             -1.180                     -1.679                    -0.7104
"""##,
    ##"let val = eval twin on sim/gaborium; eval twin on sim/gaborium --split train | join $val on cid | select cid r r_2"##: ##"""
cid        r      r_2
───  ───────  ───────
  0   0.1745   0.2303
  1   0.0764   0.0590
  2   0.2357   0.2084
  3   0.2225   0.1060
  4   0.0217  -0.0688
  5   0.0906   0.0126
  6  -0.0071   0.0262
  7   0.0255   0.0807
  8   0.3900   0.2808
  9   0.0583   0.0256
 10  -0.0087  -0.0379
… 6 more lines
"""##,
    ##"eval twin on sim/gaborium | unique reason"##: ##"""
cid  spikes  rate_hz  bits_per_spike       r     nll  reason
───  ──────  ───────  ──────────────  ──────  ──────  ──────
  0      49    9.438         -0.8311  0.2303  0.3240  -
twin on sim/gaborium, split val, 623 frames
"""##,
    ##"eval twin on sim/gaborium | where reason == null | count"##: ##"""
16
"""##,
    ##"eval twin on sim/gaborium | count reason"##: ##"""
reason  count
──────  ─────
-          16
"""##,
    ##"eval twin on sim/gaborium | describe"##: ##"""
column          type    unit        defined  null   mean     sd     min  median    max
──────────────  ──────  ──────────  ───────  ────  ─────  ─────  ──────  ──────  ─────
cid             int     -                16     0   7.50   4.76    0.00    7.50   15.0
spikes          int     -                16     0  44.88  31.00   11.00   41.00  128.0
rate_hz         float   Hz               16     0   8.64   5.97    2.12    7.90   24.7
bits_per_spike  float   bits/spike       16     0  -1.18   1.04   -2.94   -0.83   0.16
r               float   -                16     0  0.094   0.12  -0.069    0.07   0.32
nll             float   nats/bin         16     0   0.30   0.14   0.099    0.29   0.62
reason          string  -                 0    16      -      -       -       -      -
"""##,
    ##"eval twin on sim/gaborium | plot bits_per_spike"##: ##"""
bits_per_spike
rows
5 ┤                                            ██████████
  │                                            ██████████
  │                                            ██████████
4 ┤                                            ██████████
  │                                            ██████████
  │                                            ██████████
3 ┤           ██████████                       ██████████ ██████████
  │           ██████████                       ██████████ ██████████
2 ┤           ██████████                       ██████████ ██████████
  │██████████ ██████████                       ██████████ ██████████
  │██████████ ██████████                       ██████████ ██████████
… 8 more lines
"""##,
    ##"neurons twin on sim/fixrsvp | plot x=rate_hz y=bits_per_spike --log x"##: ##"""
bits_per_spike against rate_hz
bits_per_spike
 1.0 ┤                                       •
     │                                        •
     │
 0.5 ┤   •                                                •
     │                                                  •
     │                              •
 0.0 ┤         •           •              •           ••                       •
     │•              •
-0.5 ┤                                                 •
     │
     │
… 8 more lines
"""##,
    ##"eval twin on sim/gaborium | plot rate_hz r --save /tmp/vcsh-example.svg"##: ##"""
r against rate_hz
r
 0.4 ┤
     │
     │                                                                         •
 0.3 ┤                                                       •
     │
     │                  ••    •
 0.2 ┤
     │
 0.1 ┤                      •
     │          •         •
     │                                    •
… 8 more lines
"""##,
    ##"predict twin on sim/gaborium as raw --replace; compare raw twin on sim/gaborium --cells | plot baseline_score score --diagonal"##: ##"""
name          raw
cells         16
frames        623
split         val
mean_rate_hz  22.86
score against baseline_score
score (bits/spike)
 1 ┤                                                                        ⡀ ⠂
   │                                                                  ⡀ ⠄ ⠁
   │                                                              ⡀ ⠂
 0 ┤                                                        • ⠄•⠁
   │                                                    ⠄ •
   │                                              • ⠂ ⠁
… 13 more lines
"""##,
    ##"history 50 | plot status"##: ##"""
status
rows
ok      │█████████████████████████████████████████████████████████████████████ 3
running │███████████████████████ 1
4 rows
"""##,
    ##"eval twin on sim/gaborium | where bits_per_spike < 0 | save /tmp/vcsh-example.csv"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 5 more lines
"""##,
    ##"eval twin on sim/gaborium | select cid r nll | save /tmp/vcsh-example.tex"##: ##"""
cid        r     nll
───  ───────  ──────
  0   0.2303  0.3240
  1   0.0590  0.4008
  2   0.2084  0.3623
  3   0.1060  0.3178
  4  -0.0688  0.1299
  5   0.0126  0.0990
  6   0.0262  0.1697
  7   0.0807  0.2525
  8   0.2808  0.6172
  9   0.0256  0.3943
 10  -0.0379  0.2359
… 6 more lines
"""##,
    ##"history 5 | select status command"##: ##"""
status   command
───────  ───────────────────────────────────────
ok       open checkpoints/twin.ckpt as twin
ok       open recordings/Sim_2025-01-17 as sim
ok       open recordings/Nova_2025-02-03 as nova
running  history 5 | select status command
"""##,
    ##"history --search 'open sim' | select command outputs"##: ##"""
command                                               outputs
────────────────────────────────────────────────────  ───────
open recordings/Sim_2025-01-17 as sim                 sim
history --search 'open sim' | select command outputs  -
"""##,
    ##"history --failed --last 3"##: ##"""
entry  started  seconds  status  command  outputs  error
─────  ───────  ───────  ──────  ───────  ───────  ─────
no rows
"""##,
    ##"let first = in 1; print $first"##: ##"""
open checkpoints/twin.ckpt as twin
"""##,
    ##"eval twin on sim/gaborium | count; rerun 4"##: ##"""
16
16
"""##,
    ##"eval twin on sim/gaborium --split val | head 3; script 4"##: ##"""
cid  spikes  rate_hz  bits_per_spike       r     nll  reason
───  ──────  ───────  ──────────────  ──────  ──────  ──────
  0      49     9.44          -0.831  0.2303  0.3240  -
  1      69    13.29          -0.604  0.0590  0.4008  -
  2      40     7.70          -2.737  0.2084  0.3623  -
twin on sim/gaborium, split val, 623 frames
vcsh 1
# Entry 4 of the vcsh session 0123ABCD, 2026-01-31

param twin_path: path = checkpoints/twin.ckpt "opened as twin"
param sim_path: path = recordings/Sim_2025-01-17 "opened as sim"
param stimulus: string = gaborium "stimulus of sim"
param split: string = val "split: train, val, all"
… 6 more lines
"""##,
    ##"script > /tmp/vcsh-example.vc"##: ##"""

"""##,
    ##"record /tmp/vcsh-example-record.vc --replace; eval twin on sim/gaborium | head 3; record --stop"##: ##"""
cid  spikes  rate_hz  bits_per_spike       r     nll  reason
───  ──────  ───────  ──────────────  ──────  ──────  ──────
  0      49     9.44          -0.831  0.2303  0.3240  -
  1      69    13.29          -0.604  0.0590  0.4008  -
  2      40     7.70          -2.737  0.2084  0.3623  -
twin on sim/gaborium, split val, 623 frames
"""##,
    ##"eval twin on sim/gaborium | count; cache | select kind twin stimulus frames"##: ##"""
16
kind         twin  stimulus      frames
───────────  ────  ────────────  ──────
predictions  twin  sim/gaborium     623
1 answer, 41.4 kB
"""##,
    ##"cache trim --to 2GB"##: ##"""
kind  twin  stimulus  frames  bytes  created  used  key
────  ────  ────────  ──────  ─────  ───────  ────  ───
no rows
removed 0 answers, 0 B; 0 B left
"""##,
    ##"cache trim --kind features --older 30"##: ##"""
kind  twin  stimulus  frames  bytes  created  used  key
────  ────  ────────  ──────  ─────  ───────  ────  ───
no rows
removed 0 answers, 0 B; 0 B left
"""##,
    ##"sql"##: ##"""
view        column          what
──────────  ──────────────  ────────────────────────────────────────────────
twins       name            its name, or the one it was made under
twins       is_current      1 while the name points to it
twins       version         its number
twins       parent          the version that it was made from
twins       checkpoint      file that holds its weights
twins       heads           sessions that it reads out
twins       cells           cells of all heads
twins       frozen          parts that no command may change
twins       note            what made it
twins       entry           entry that made it
twins       time            when, UTC
… 52 more lines
"""##,
    ##"eval twin on sim/gaborium; sql "SELECT cid, value FROM metrics WHERE metric = 'r' ORDER BY value DESC" | head 5"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 13 more lines
"""##,
    ##"sql "SELECT status, count(*) AS n, sum(seconds) AS seconds FROM entries GROUP BY status""##: ##"""
status   n  seconds
───────  ─  ───────
ok       3   0.1000
running  1        -
"""##,
    ##"clean"##: ##"""
objects                   0
bytes                     0
kept_for_undo             0
kept_for_undo_bytes       0
kept_for_snapshots        0
kept_for_snapshots_bytes  0
"""##,
    ##"freeze twin core; undo"##: ##"""
twin     twin
frozen   core
tensors  26
of       40
values   68847
entry  name  kind  now                                  command
─────  ────  ────  ───────────────────────────────────  ────────────────
    4  twin  twin  another version, as entry 1 made it  freeze twin core
"""##,
    ##"eval twin on sim/gaborium as scores; drop scores; undo 2"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 10 more lines
"""##,
    ##"freeze twin core; undo; redo"##: ##"""
twin     twin
frozen   core
tensors  26
of       40
values   68847
entry  name  kind  now                                  command
─────  ────  ────  ───────────────────────────────────  ────────────────
    4  twin  twin  another version, as entry 1 made it  freeze twin core
entry  name  kind  now                                  command
─────  ────  ────  ───────────────────────────────────  ────────────────
    4  twin  twin  another version, as entry 4 made it  freeze twin core
"""##,
    ##"snapshot before-freeze --note 'as trained'; freeze twin core; restore before-freeze"##: ##"""
snapshot  before-freeze
names     3
note      as trained
twin     twin
frozen   core
tensors  26
of       40
values   68847
entry  name  kind  now                                  command
─────  ────  ────  ───────────────────────────────────  ───────
    -  twin  twin  another version, as entry 1 made it  -
"""##,
    ##"snapshot old; snapshot old --delete"##: ##"""
snapshot  old
names     3
note      -
snapshot  old
status    deleted
"""##,
    ##"snapshot start; snapshots | select snapshot names current"##: ##"""
snapshot  start
names     3
note      -
snapshot  names  current
────────  ─────  ───────
start         3  true
"""##,
    ##"snapshot start; drop twin; restore start | select name kind now"##: ##"""
snapshot  start
names     3
note      -
name  kind  now
────  ────  ───────────────────────────────
twin  twin  there again, as entry 1 made it
"""##,
    ##"eval twin on sim/gaborium as scores; lineage scores"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 26 more lines
"""##,
    ##"lineage twin --table | select kind name state"##: ##"""
kind  name                                      state
────  ────────────────────────────────────────  ─────────
twin  twin                                      unchanged
file  checkpoints/twin.ckpt                     unchanged
file  checkpoints/multi_sim_120_backimage.yaml  unchanged
file  checkpoints/sessions/Sim_2025-01-10.yaml  unchanged
file  checkpoints/sessions/Sim_2025-01-17.yaml  unchanged
"""##,
    ##"calibrate twin on sim/gaborium --split all; lineage 4"##: ##"""
cid    gain    offset  bits_per_spike  bits_per_spike_gain  bits_per_spike_calibrated  nll_calibrated  converged  reason
───  ──────  ────────  ──────────────  ───────────────────  ─────────────────────────  ──────────────  ─────────  ──────
  0  0.2178   0.02062          -1.219               0.2280                     0.3225          0.2299  true       -
  1  0.3247   0.01988          -0.775               0.0335                     0.0177          0.3287  true       -
  2  0.1941   0.01254          -2.218               0.4012                     0.4199          0.2450  true       -
  3  0.3490  -0.00088          -0.839               0.3677                     0.3624          0.2374  true       -
  4  0.0642   0.03031          -0.135              -0.0755                    -0.0106          0.1464  true       -
  5  0.2860   0.00310          -0.923               0.0600                    -0.0032          0.0800  true       -
  6  0.0000   0.04550          -0.038              -0.0433                    -0.0460          0.1875  true       -
  7  0.1153   0.02869          -1.980              -0.0267                    -0.0116          0.1990  true       -
  8  0.3070   0.04969          -0.392               0.4511                     0.6164          0.4524  true       -
  9  0.1122   0.04692          -2.065              -0.0523                     0.0181          0.2825  true       -
 10  0.0000   0.05624          -0.054              -0.0622                    -0.0124          0.2186  true       -
… 23 more lines
"""##,
    ##"eval twin on sim/gaborium as scores; status"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 10 more lines
"""##,
    ##"eval twin on sim/gaborium as scores; refresh --dry-run"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 10 more lines
"""##,
    ##"refresh"##: ##"""
entry  name  why  outcome  command
─────  ────  ───  ───────  ───────
no rows
nothing is stale (3 looked at)
"""##,
    ##"eval twin on sim/gaborium as scores; verify --last 1"##: ##"""
cid  spikes  rate_hz  bits_per_spike        r     nll  reason
───  ──────  ───────  ──────────────  ───────  ──────  ──────
  0      49     9.44          -0.831   0.2303  0.3240  -
  1      69    13.29          -0.604   0.0590  0.4008  -
  2      40     7.70          -2.737   0.2084  0.3623  -
  3      46     8.86          -1.007   0.1060  0.3178  -
  4      16     3.08          -0.569  -0.0688  0.1299  -
  5      11     2.12          -0.821   0.0126  0.0990  -
  6      25     4.82          -0.017   0.0262  0.1697  -
  7      27     5.20          -2.433   0.0807  0.2525  -
  8      99    19.07          -1.507   0.2808  0.6172  -
  9      43     8.28          -2.942   0.0256  0.3943  -
 10      38     7.32          -0.102  -0.0379  0.2359  -
… 10 more lines
"""##,
    ##"eval twin on sim/gaborium | head 3; verify 3-4 --tolerance 1e-6"##: ##"""
cid  spikes  rate_hz  bits_per_spike       r     nll  reason
───  ──────  ───────  ──────────────  ──────  ──────  ──────
  0      49     9.44          -0.831  0.2303  0.3240  -
  1      69    13.29          -0.604  0.0590  0.4008  -
  2      40     7.70          -2.737  0.2084  0.3623  -
twin on sim/gaborium, split val, 623 frames
entry  verdict  detail  command
─────  ───────  ──────  ───────────────────────────────────────
    3  same     -       open recordings/Nova_2025-02-03 as nova
    4  same     -       eval twin on sim/gaborium | head 3
2 replayed, 0 different, 0 skipped, compared within 1e-06
"""##,
    ##"mode"##: ##"""
mode      files   what
────────  ──────  ──────────────────────────────────────────────────────────────────
table     -       Aligned columns and figures, for the screen
line      -       A line for every column of every row, for wide tables
csv       .csv    Comma-separated, RFC 4180, full precision
tsv       .tsv    Tab-separated, full precision; \t \n \r \\ inside text
json      .json   One JSON value a result; a table is a list of records
jsonl     .jsonl  A JSON record a line for every row of a table
markdown  .md     Markdown with tables, rounded for reading
html      .html   HTML tables, rounded for reading; the full number is in data-value
latex     .tex    LaTeX tabulars for \input, rounded for reading
"""##,
    ##"mode line; eval twin on sim/gaborium | head 2; mode table"##: ##"""
cid  spikes  rate_hz  bits_per_spike       r     nll  reason
───  ──────  ───────  ──────────────  ──────  ──────  ──────
  0      49     9.44         -0.8311  0.2303  0.3240  -
  1      69    13.29         -0.6037  0.0590  0.4008  -
twin on sim/gaborium, split val, 623 frames
"""##,
    ##"help calibrate"##: ##"""
calibrate: Fits a gain and an offset per cell, scored on trials that were not fitted

usage
  calibrate TWIN|PREDICTIONS [on REC/STIM] [as NAME] [--split train|val|all] [--head HEAD] [--no-behavior] [--mode affine|gain|global-gain|global-affine] [--in-sample] [--replace]

arguments
  TWIN|PREDICTIONS  A twin, or predictions that were made elsewhere
  on REC/STIM       The recording's stimulus; not for stored predictions (optional)
  as NAME           Keep the table under this name (optional)

flags
  --split train|val|all                         Frames of this split of the trials (default val)
  --head HEAD                                   The head by session or number, where the recording's session has none
… 33 more lines
"""##,
    ##"help quantile"##: ##"""
quantile: Value below which a share q lies, linear between ranks

usage
  quantile(values, q)

details
  Takes a list, or after `where` and `summarize` the values of a column in all rows.

see also
  mean median sd min max sum count corr ci
"""##,
    ##"help let"##: ##"""
let: Gives a value a name

usage
  let NAME = EXPRESSION
  let NAME = COMMAND … | …

details
  The name is used as $NAME, and $NAME.COLUMN is a column of a table. It lives as long as the
  shell runs.

examples
  let scores = eval twin on sim/gaborium | sort r
  print ${mean($scores.r)}
"""##,
    ##"help --search "gain offset""##: ##"""
help for `gain offset`

found
  topic      kind     summary
  ─────────  ───────  ─────────────────────────────────────────────────────────────────────────────────────
  gain       command  Gain and offset per cell and stimulus, and the bits that wrong scale and offset cost
  calibrate  command  Fits a gain and an offset per cell, scored on trials that were not fitted
  neurons    command  One row a cell: rate, scores on training and held-out trials, gain, offset, readout
  why        command  Why a cell is fitted badly: causes ranked, with evidence and what mending would bring
  r          metric   Correlation of prediction and count, bin by bin
  r_average  metric   Correlation of mean prediction and mean response over repeats
  cc_norm    metric   CC_norm: correlation relative to what the noise allows, by signal power
"""##,
    ##"examples head"##: ##"""
examples of head

The three most active cells
  > eval twin on sim/gaborium | sort rate_hz --reverse | head 3
  cid  spikes  rate_hz  bits_per_spike       r     nll  reason
  ───  ──────  ───────  ──────────────  ──────  ──────  ──────
   15     128    24.65           0.157  0.3216  0.5082  -
    8      99    19.07          -1.507  0.2808  0.6172  -
    1      69    13.29          -0.604  0.0590  0.4008  -
  twin on sim/gaborium, split val, 623 frames
"""##,
    ##"explain bits_per_spike"##: ##"""
bits_per_spike: Likelihood gained over a constant rate, per spike

metric
  name         bits_per_spike
  also called  bps, bits per spike, log likelihood, information
  unit         bits/spike
  version      1
  source       Pillow et al. 2008; VisionCore's bits per spike, which divides by at least 1 where we give no number

formula
  sum d [(y ln(r + 1e-8) - r) - (y ln(m + 1e-8) - m)] / (N ln 2), N = sum d y, m = N / sum d
  r: predicted, y: observed counts per bin; d: mask, 1 where a bin counts

… 14 more lines
"""##,
    ##"explain gain"##: ##"""
gain: a column

given by
  neurons    float, What `calibrate` multiplies the predicted rate by; 1: right as it is
  calibrate  float, What the predicted rate is multiplied by; 1: right as it is, 0: the prediction does not help
"""##,
    ##"explain"##: ##"""
metric               unit        version  summary
───────────────────  ──────────  ───────  ────────────────────────────────────────────────────────────────────────
spikes               -                 1  Observed spikes in the valid bins
valid_bins           bins              1  Bins that count
rate_hz              Hz                1  Observed mean rate
bits_per_spike       bits/spike        1  Likelihood gained over a constant rate, per spike
r                    -                 1  Correlation of prediction and count, bin by bin
nll                  nats/bin          1  Mean Poisson loss of a bin
nll_per_spike        nats/spike        1  Poisson loss per observed spike
deviance             nats              1  Twice the log-likelihood short of a perfect prediction
deviance_explained   -                 1  Share of the constant rate's deviance that the prediction explains
pseudo_r2            -                 1  McFadden's share of the constant rate's log-likelihood
r_average            -                 1  Correlation of mean prediction and mean response over repeats
… 12 more lines
"""##,
    ##"print "cells: ${1 + 1}""##: ##"""
cells: 2
"""##,
  ]
}
