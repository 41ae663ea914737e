"""The jobs of benches/rdd.rs in PySpark, in turn with superstep's side of them.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install pyspark numpy   # and Java 17 or later
    cargo bench --bench rdd --no-run
    /tmp/venv/bin/python benches/pyspark_rdd.py --records 2000000 --apis rdd,dataframe
    /tmp/venv/bin/python benches/pyspark_rdd.py --records 10000000 --apis dataframe

Runs in local[2], from the repository's root. `rdd` is the API that superstep mirrors; its rows are
made by numpy a partition at a time, so that Python's arithmetic is not what is measured.
`dataframe` says the same job to Spark's optimiser and code generator, which never run Python;
where there is no such operation (cogroup), it is a full outer join of collected lists. The results
are consumed whole, by `count` and by the `noop` writer, and must have equally many rows.

Each API gets one round that is not counted, for the JVM to compile; superstep, a fresh process
each time, gets none. Prints one line of JSON a job: median seconds, and Spark's over superstep's.
Options: --records, --rounds (3), --partitions (32), --apis, --only NAME,NAME, --memory (8g).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

import numpy as np
from pyspark import SparkConf
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

JOBS = [
    "count uniform",
    "count skewed",
    "words skewed",
    "group uniform",
    "group skewed",
    "join uniform",
    "join skewed",
    "cogroup uniform",
    "sort uniform",
    "sort skewed",
]
THREADS = 2
C1, C2, C3 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


class Size:
    """The formulas of `Size` in benches/rdd.rs, for numpy arrays of row numbers."""

    def __init__(self, records):
        self.records = records
        self.keys = max(records // 10, 1)
        self.bits = self.keys.bit_length() - 1
        self.right_records = records // 5

    @staticmethod
    def mix(x):
        x = x + np.uint64(C1)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(C2)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(C3)
        return x ^ (x >> np.uint64(31))

    def uniform(self, row):
        return (self.mix(row) >> np.uint64(11)) % np.uint64(self.keys)

    def skewed(self, row):
        random = self.mix(row)
        width = (random & np.uint64(1023)) % np.uint64(self.bits + 1)
        return (random >> np.uint64(11)) & ((np.uint64(1) << width) - np.uint64(1))


class Rdds:
    """The jobs with the RDD API. Each returns how many rows the result has."""

    def __init__(self, spark, size, partitions):
        self.context, self.size, self.partitions = spark.sparkContext, size, partitions

    def rows(self, records, make):
        partitions = self.partitions

        def generate(partition):
            cut = [records * at // partitions for at in (partition, partition + 1)]
            return make(np.arange(*cut, dtype=np.uint64))

        return self.context.parallelize(range(partitions), partitions).flatMap(generate)

    def run(self, job, keys):
        size, partitions = self.size, self.partitions
        key = size.skewed if keys == "skewed" else size.uniform
        if job in ("count", "words"):
            def make(row):
                made = key(row).tolist()
                return made if job == "count" else (f"word{key}" for key in made)

            pairs = self.rows(size.records, make).map(lambda key: (key, 1))
            return pairs.reduceByKey(lambda a, b: a + b, partitions).count()
        pairs = self.rows(size.records, lambda row: zip(key(row).tolist(), row.tolist()))
        if job == "group":
            return pairs.groupByKey(partitions).count()
        if job == "sort":
            return pairs.sortByKey(numPartitions=partitions).count()
        right = self.rows(
            size.right_records, lambda row: zip(size.uniform(~row).tolist(), row.tolist())
        )
        joined = pairs.join if job == "join" else pairs.cogroup
        return joined(right, partitions).count()


class DataFrames:
    """The jobs with the DataFrame API. Each returns the frame and consumes it."""

    def __init__(self, spark, size, partitions):
        self.spark, self.size, self.partitions = spark, size, partitions

    @staticmethod
    def mix(x):
        def signed(number):
            return F.lit(number - (1 << 64)).cast("long")

        def shifted(x, by):
            return x.bitwiseXOR(F.shiftrightunsigned(x, by))

        x = x + signed(C1)
        x = shifted(x, 30) * signed(C2)
        x = shifted(x, 27) * signed(C3)
        return shifted(x, 31)

    def uniform(self, row):
        return F.shiftrightunsigned(self.mix(row), 11) % F.lit(self.size.keys)

    def skewed(self, row):
        random = self.mix(row)
        width = (random.bitwiseAND(F.lit(1023)) % F.lit(self.size.bits + 1)).cast("int")
        mask = F.call_function("shiftleft", F.lit(1).cast("long"), width) - F.lit(1)
        return F.shiftrightunsigned(random, 11).bitwiseAND(mask)

    def frame(self, job, keys):
        size = self.size
        key = self.skewed if keys == "skewed" else self.uniform
        row = F.col("id")
        left = self.spark.range(0, size.records, 1, self.partitions)
        if job == "words":
            left = left.select(F.concat(F.lit("word"), key(row).cast("string")).alias("key"))
        else:
            left = left.select(key(row).alias("key"), row.alias("left"))
        if job in ("count", "words"):
            return left.groupBy("key").count()
        if job == "group":
            return left.groupBy("key").agg(F.collect_list("left"))
        if job == "sort":
            return left.orderBy("key")
        right = self.spark.range(0, size.right_records, 1, self.partitions)
        right = right.select(self.uniform(F.bitwise_not(row)).alias("key"), row.alias("right"))
        if job == "join":
            return left.join(right, "key")
        left = left.groupBy("key").agg(F.collect_list("left"))
        return left.join(right.groupBy("key").agg(F.collect_list("right")), "key", "full_outer")

    def run(self, job, keys):
        frame = self.frame(job, keys)
        frame.write.format("noop").mode("overwrite").save()
        return frame


def superstep(job, records, partitions):
    """Seconds of superstep's side, in a process of its own."""
    options = ["--side", "superstep", "--job", job, "--records", str(records)]
    options += ["--threads", str(THREADS), "--partitions", str(partitions)]
    command = ["cargo", "bench", "--quiet", "--bench", "rdd", "--", *options]
    return float(subprocess.check_output(command, text=True).split()[0])


def seconds_of(run):
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--partitions", type=int, default=32)
    parser.add_argument("--apis", default="rdd,dataframe")
    parser.add_argument("--only", default="")
    parser.add_argument("--memory", default="8g")
    options = parser.parse_args()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    conf = SparkConf().setMaster(f"local[{THREADS}]").set("spark.driver.memory", options.memory)
    conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
    conf.set("spark.sql.ansi.enabled", "false")  # 64-bit arithmetic that wraps
    conf.set("spark.sql.shuffle.partitions", str(options.partitions))
    spark = SparkSession.builder.config(conf=conf).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    size = Size(options.records)
    kinds = {"rdd": Rdds, "dataframe": DataFrames}
    apis = {name: kinds[name](spark, size, options.partitions) for name in options.apis.split(",")}
    for job in JOBS:
        if not any(part in job for part in options.only.split(",")):
            continue
        seconds, rows = {"superstep": []}, set()
        for name, api in apis.items():
            result = api.run(*job.split(" "))
            rows.add(result if isinstance(result, int) else result.count())
            seconds[name] = []
        assert len(rows) == 1, f"{job}: results of {rows} rows"
        for _ in range(options.rounds):
            seconds["superstep"].append(superstep(job, options.records, options.partitions))
            for name, api in apis.items():
                seconds[name].append(seconds_of(lambda: api.run(*job.split(" ")))[0])
        line = {"job": job, "records": options.records, "rows": rows.pop()}
        line |= {f"{name}_s": round(statistics.median(all), 3) for name, all in seconds.items()}
        line |= {
            f"{name}_ratio": round(line[f"{name}_s"] / line["superstep_s"], 1) for name in apis
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
