"""The stage's synthesized natural sounds, 48 kHz float32, nothing recorded.

    beds.py        every continuous bed by name: rain, wind, waves, fire, insects, city, quiet (`BEDS`)
    foley.py       impacts by material, knocks, clinks, steps        materials.py  their modes and losses
    rubbing.py     rolling, creaks, match, candle                    boat.py       sail, halyard, hull, horn, buoy
    creatures.py   gull, cat, owl, loon, dog                         thunder.py    thunder by distance
    fire.kettle, rubbing.rolling and creatures.purr are continuous too, but stand at one place: one channel.

Continuous sounds are renders of film samples (`grid.py`), pure in the range asked. Events are arrays whose first
sample is the instant that they begin. Levels before mixing: beds at level 0.6 measure -30 LUFS, events at force 0.6
peak at -12 dBFS.
"""
