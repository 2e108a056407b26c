import { useTranslation } from "react-i18next";
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { ChartTip } from "./chart-tip";

type Point = { at: string; [series: string]: string | number };

/** Figures per minute, stacked. */
export default function MinutesChart({ points, series, height = 220 }: MinutesChartProps) {
  const { i18n } = useTranslation();
  const clock = new Intl.DateTimeFormat(i18n.language, { hour: "2-digit", minute: "2-digit" });
  return (
    <ResponsiveContainer width="100%" height={height}>
      <AreaChart data={points} margin={{ top: 8, right: 4, bottom: 0, left: -18 }}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="at"
          tickFormatter={(at: string) => clock.format(new Date(at))}
          tick={{ fill: "var(--subtle)", fontSize: 11 }}
          axisLine={false}
          tickLine={false}
          minTickGap={48}
        />
        <YAxis
          allowDecimals={false}
          tick={{ fill: "var(--subtle)", fontSize: 11 }}
          axisLine={false}
          tickLine={false}
          width={48}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: "var(--line-strong)" }}
          content={({ active, payload, label }) =>
            active && payload?.length ? (
              <ChartTip
                title={clock.format(new Date(String(label)))}
                rows={payload.map((each) => ({
                  name: series.find((one) => one.id === each.dataKey)?.name ?? "",
                  value: String(each.value),
                  color: String(each.color),
                }))}
              />
            ) : null
          }
        />
        {series.map((each) => (
          <Area
            key={each.id}
            dataKey={each.id}
            stackId="all"
            type="monotone"
            stroke={each.color}
            strokeWidth={1.75}
            fill={each.color}
            fillOpacity={0.14}
            isAnimationActive={false}
          />
        ))}
      </AreaChart>
    </ResponsiveContainer>
  );
}

type MinutesChartProps = {
  points: Point[];
  series: { id: string; name: string; color: string }[];
  height?: number;
};
