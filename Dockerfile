# The image that web, worker, beat and migrate share. PostgreSQL and Redis are services of their own.
FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements/run.txt requirements/run.txt
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    -r requirements/run.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin agi \
    && install -d -o agi -g agi /data
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=indexsite.settings \
    DATA_DIR=/data \
    BIND=0.0.0.0
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
USER agi
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "indexsite.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", \
     "--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
